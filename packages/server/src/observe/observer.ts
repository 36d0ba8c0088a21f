// Hears of everything that happens to guest tokens and passes it on: counters, audit, events and the log.
import { EventEmitter } from 'node:events';
import type { Region } from '@genesys-guest/common';
import { monotonicNow } from '../lib/clock.ts';
import type { GuestTokenError } from '../lib/errors.ts';
import { guarded } from '../lib/promise.ts';
import { createAudit, type Provisioning, type ResolvedAuditOptions } from './audit.ts';
import type { AuditEntry } from './audit-entry.ts';
import { cloudEvent } from './cloud-event.ts';
import { createMemoryQueue, type DropReason, type EventQueue, type OpenEventQueue } from './event-queue.ts';
import { EventSender, MAX_QUEUE, type ResolvedEventOptions } from './event-sender.ts';
import type { State } from './instruments.ts';
import { createLogThrottle, errorName, type Log } from './log.ts';
import type { Failing, Invalidation, UpstreamCall } from './ports.ts';
import { type IssueTrace, startIssueSpan } from './spans.ts';
import { type CounterOptions, Counters, type Telemetry } from './telemetry.ts';

export interface ObserveOptions extends CounterOptions {
  readonly region: Region;
  readonly audit: ResolvedAuditOptions;
  readonly events: ResolvedEventOptions | undefined;
  readonly onInvalidate: ((invalidation: Invalidation) => void) | undefined;
  readonly log: Log;
}

/** What listeners hear. Never a token. */
export interface GuestTokenEvents {
  /** A guest without a token got one. */ readonly issued: AuditEntry;
  /** A guest with a token got a new one. */ readonly renewed: AuditEntry;
  /** An issue failed. */ readonly failed: AuditEntry;
  /** A cached token is gone. */ readonly invalidated: Invalidation;
}

/** Whom an issue is for. */
export type Subject = Pick<AuditEntry, 'externalId' | 'webchatId' | 'attributesCount'>;

/** Milliseconds for which a refusal over the budget counts as something that fails. */
const REFUSED_FOR = 60_000;

export class Observer {
  readonly #options: ObserveOptions;
  readonly #log: Log;
  readonly #audit: ReturnType<typeof createAudit>;
  readonly #counters: Counters;
  readonly #emitter = new EventEmitter();
  readonly #failing = new Map<Failing['what'], Failing & { readonly until: number }>();
  readonly #queue: EventQueue | undefined;
  readonly #sender: EventSender | undefined;

  /** @param durableQueue where events survive this process */
  constructor(options: ObserveOptions, state: () => State, durableQueue: OpenEventQueue | undefined) {
    this.#options = options;
    this.#log = createLogThrottle(options.log);
    this.#counters = new Counters(options, () => ({
      ...state(),
      events: { queued: this.#queue?.size ?? 0 },
    }));
    this.#audit = createAudit(options.audit, this.#log, () => this.#counters.count('auditDropped'));
    this.#emitter.setMaxListeners(0);
    const { events, onInvalidate } = options;
    if (onInvalidate) this.on('invalidated', onInvalidate);
    if (!events) return;
    const onDropped = (reason: DropReason, count: number): void =>
      this.#counters.count('eventsDropped', reason, count);
    const open = (events.durable && durableQueue) || createMemoryQueue;
    this.#queue = open(MAX_QUEUE, onDropped);
    this.#sender = new EventSender({
      ...events,
      queue: this.#queue,
      onDelivered: (count) => this.#counters.count('eventsDelivered', '', count),
      onDropped,
      log: this.#log,
    });
  }

  /** A token is being issued. @param trace of the request, so that a trace shows one under the other */
  issueStarted(action: 'ISSUED' | 'RENEWED', subject: Subject, trace?: IssueTrace | undefined) {
    const span = startIssueSpan(action, subject.webchatId, trace);
    return {
      onCall: (call: UpstreamCall): void => {
        this.#counters.upstreamCall(call, span.context);
        this.#heed(call);
      },
      /** @param doubt where an earlier try may have issued a token, too: how that try failed */
      succeeded: (token: string, latencyMs: number, doubt?: string | undefined): void => {
        this.#counters.issued(action, latencyMs);
        const reason = doubt && `An earlier try failed: ${doubt}`;
        this.#record({ action, ...subject, latencyMs, token, reason });
        span.end();
      },
      failed: ({ code, message, correlationId }: GuestTokenError, latencyMs: number): void => {
        this.#counters.failed(code, latencyMs);
        if (code === 'upstream_limited') this.#fails('budget', message, monotonicNow(), REFUSED_FOR);
        const reason = `${code}: ${message}`;
        const failed: Provisioning = { action: 'FAILED', ...subject, latencyMs, reason, correlationId };
        const { externalId, webchatId } = this.#record(failed);
        const level = code === 'upstream_rejected' ? 'error' : 'warn';
        this.#log(level, message, { code, externalId, webchatId, correlationId });
        span.end(code);
      },
    };
  }

  /** A guest was forgotten, or a person erased, of whom a hash is noted. */
  forgotten(action: 'FORGOTTEN' | 'ERASED', whom: Pick<Subject, 'externalId' | 'webchatId'>): void {
    this.#record({ action, ...whom, attributesCount: 0, latencyMs: 0 });
  }

  /** Takes out what is kept of a person here. @throws where events wait in a shared store that does not answer */
  async erase(externalId: string): Promise<void> {
    this.#audit.erase(externalId);
    await this.#queue?.erase(this.#audit.nameOf(externalId));
  }

  /** Field by field: a store's key may be the whole token, which listeners must not get. */
  invalidated({ externalId, webchatId, reason }: Invalidation): void {
    this.#emitter.emit('invalidated', { externalId, webchatId, reason } satisfies Invalidation);
  }

  readonly count: Counters['count'] = (name, value) => this.#counters.count(name, value);

  /** @param at milliseconds of the clock */
  readonly failing = (at: number): Failing[] =>
    [...this.#failing.values()]
      .filter(({ until }) => at <= until)
      .map(({ what, reason, since }) => ({ what, reason, since }));

  readonly telemetry = (): Telemetry => this.#counters.read();

  readonly auditLog = (): AuditEntry[] => this.#audit.entries();

  /** @returns what ends the listening */
  readonly on = <E extends keyof GuestTokenEvents>(
    event: E,
    listener: (detail: GuestTokenEvents[E]) => void,
  ): (() => void) => {
    // A listener that throws is the site's fault and may not take a token from a visitor.
    const failed = (error: unknown): void =>
      this.#log('error', `A listener of '${event}' threw; it is ignored`, { error: errorName(error) });
    const safely = (detail: GuestTokenEvents[E]): void => guarded(() => listener(detail), failed);
    this.#emitter.on(event, safely);
    return () => void this.#emitter.off(event, safely);
  };

  /** Sends what is left. @param timeout milliseconds that this may take */
  async close(timeout: number): Promise<void> {
    await this.#sender?.close(timeout);
    this.#counters.close();
    this.#emitter.removeAllListeners();
  }

  /** The entry goes the same way for all: into the audit log, to the receiver of events, and to listeners. */
  #record(provisioning: Provisioning): AuditEntry {
    const entry = this.#audit.record(provisioning);
    this.#sender?.publish(cloudEvent(entry, this.#options.region.domain));
    this.#emitter.emit(entry.action.toLowerCase(), entry);
    return entry;
  }

  #heed({ call, startedAt, latencyMs, failure }: UpstreamCall): void {
    if (!failure) {
      this.#failing.delete(call);
      return;
    }
    const { status, correlationId, retryAfter } = failure;
    const fields = { call, latencyMs, status, correlationId, retryAfter };
    const reason = `${failure.reason}. ${failure.fix}`;
    this.#fails(call, reason, startedAt + latencyMs);
    this.#options.log('debug', `${CALLS[call]} call failed: ${reason}`, fields);
  }

  /** @param at milliseconds of the clock @param ms for how long, where no success ends it */
  #fails(what: Failing['what'], reason: string, at: number, ms = Number.POSITIVE_INFINITY): void {
    const before = this.#failing.get(what);
    const since = before && at <= before.until ? before.since : at;
    this.#failing.set(what, { what, reason, since, until: at + ms });
  }
}

const CALLS = { oauth: 'An OAuth', 'guest-tokens': 'A guest-token' } as const;
