// Hears of everything that happens to guest tokens and passes it on: counters, audit, events and the log.
import { EventEmitter } from 'node:events';
import type { GuestTokenError } from '../lib/errors.ts';
import { settleQuietly } from '../lib/promise.ts';
import { type AuditSettings, createAudit, type Provisioning } from './audit.ts';
import type { AuditEntry } from './audit-entry.ts';
import { cloudEvent } from './cloud-event.ts';
import { createComplaint, errorName } from './complaint.ts';
import { createMemoryQueue, type OpenEventQueue } from './event-queue.ts';
import { type Bridge, createBridge, type EventSettings } from './event-sender.ts';
import type { Gauges } from './instruments.ts';
import type { Log } from './log.ts';
import { createCalm } from './log-throttle.ts';
import type { Invalidation, UpstreamCall } from './ports.ts';
import { type IssueTrace, startIssueSpan } from './spans.ts';
import { type CacheState, createCounters, type Telemetry } from './telemetry.ts';

export type { IssueTrace } from './spans.ts';

/** The resolved options of this room. */
export interface ObserveOptions {
  readonly webchatId: string;
  /** Domain of the region, for the source of events. */
  readonly domain: string;
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
  readonly audit: AuditSettings;
  readonly events: EventSettings | undefined;
  readonly onInvalidate: ((invalidation: Invalidation) => void) | undefined;
  readonly log: Log;
}

/** What listeners hear. Never a token. */
export interface GuestTokenEvents {
  readonly issued: AuditEntry;
  readonly renewed: AuditEntry;
  readonly failed: AuditEntry;
  readonly invalidated: Invalidation;
}

/** Whom a provisioning is for. */
export interface Subject {
  readonly externalId: string;
  readonly webchatId: string;
  readonly attributesCount: number;
}

/** One issue, from its start to its end. */
export interface IssueObservation {
  /** A call to the platform is over. */
  readonly onCall: (call: UpstreamCall) => void;
  /** @param doubt where an earlier try may have issued a token, too: how that try failed */
  succeeded(token: string, latencyMs: number, doubt?: string | undefined): void;
  failed(error: GuestTokenError, latencyMs: number): void;
}

/** What the observer looks at when it is asked for figures. */
export type Watched = () => Omit<Gauges, 'eventsQueued' | 'auditDropped'>;

export interface Observer {
  /** A token is being issued. @param trace of the request, so that a trace shows one under the other */
  issueStarted(
    action: 'ISSUED' | 'RENEWED',
    subject: Subject,
    trace?: IssueTrace | undefined,
  ): IssueObservation;
  forgotten(subject: Subject): void;
  invalidated(invalidation: Invalidation): void;
  cacheHit(state: CacheState): void;
  /** Called once, when there is something to watch. @param durableQueue where events survive this process */
  watch(read: Watched, durableQueue?: OpenEventQueue | undefined): void;
  telemetry(): Telemetry;
  auditLog(): AuditEntry[];
  on<E extends keyof GuestTokenEvents>(event: E, listener: (detail: GuestTokenEvents[E]) => void): () => void;
  /** Sends and writes what is left, within the limits that the options set. */
  close(): Promise<void>;
}

const CALLS = { oauth: 'An OAuth', 'guest-tokens': 'A guest-token' } as const;

const NOTHING: ReturnType<Watched> = { cachedGuests: 0, queued: 0, breaker: 'closed', callsLeft: 0 };

export const createObserver = (settings: ObserveOptions, random: () => number = Math.random): Observer => {
  const { log, onInvalidate, domain } = settings;
  const audit = createAudit(settings.audit, log);
  const calm = createCalm();
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  let watched: Watched = () => NOTHING;
  let bridge: Bridge | undefined;
  const counters = createCounters(settings, () => ({
    ...watched(),
    eventsQueued: bridge?.queued ?? 0,
    auditDropped: audit.dropped,
  }));

  /** A listener that throws is the site's fault and may not take a token from a visitor. */
  const guarded = (what: string, action: () => unknown): void => {
    const failed = (error: unknown): void => {
      log('error', `${what} threw; it is ignored`, { error: errorName(error) });
    };
    try {
      settleQuietly(action(), failed);
    } catch (error) {
      failed(error);
    }
  };

  /** The entry goes the same way for all: into the audit log, to listeners, to the receiver of events. */
  const tell = (provisioning: Provisioning, heardAs?: keyof GuestTokenEvents): AuditEntry => {
    const entry = audit.record(provisioning);
    bridge?.publish(cloudEvent(entry, domain));
    if (heardAs) emitter.emit(heardAs, entry);
    return entry;
  };

  const failed = (subject: Subject, error: GuestTokenError, latencyMs: number): void => {
    const { code, message, correlationId } = error;
    counters.failed(code, latencyMs);
    const reason = `${code}: ${message}`;
    const entry = tell({ action: 'FAILED', ...subject, latencyMs, reason, correlationId }, 'failed');
    const { externalId, webchatId } = entry;
    const said = entry.reason?.slice(code.length + 2) ?? message;
    log(calm(code === 'upstream_rejected' ? 'error' : 'warn', said), said, {
      code,
      externalId,
      webchatId,
      correlationId,
    });
  };

  const called = (call: UpstreamCall, trace: IssueTrace): void => {
    counters.upstreamCall(call, trace);
    if (!call.failure) return;
    const { reason, fix, status, correlationId, retryAfter } = call.failure;
    log('debug', `${CALLS[call.call]} call failed: ${reason}. ${fix}`, {
      call: call.call,
      latencyMs: call.latencyMs,
      status,
      correlationId,
      retryAfter,
    });
  };

  return {
    issueStarted: (action, subject, trace) => {
      const span = startIssueSpan(action, subject.webchatId, trace);
      return {
        onCall: (call) => called(call, span.context),
        succeeded: (token, latencyMs, doubt) => {
          counters.provisioned(action, latencyMs);
          const reason = doubt && `An earlier try failed: ${doubt}`;
          tell({ action, ...subject, latencyMs, token, reason }, action === 'ISSUED' ? 'issued' : 'renewed');
          span.end();
        },
        failed: (error, latencyMs) => {
          failed(subject, error, latencyMs);
          span.end(error.code);
        },
      };
    },
    forgotten: (subject) => {
      tell({ action: 'FORGOTTEN', ...subject, latencyMs: 0 });
    },
    // Field by field: a store's key may be the whole token, which listeners must not get.
    invalidated: ({ externalId, webchatId, reason }) => {
      const invalidation: Invalidation = { externalId, webchatId, reason };
      if (onInvalidate) guarded('onInvalidate', () => onInvalidate(invalidation));
      emitter.emit('invalidated', invalidation);
    },
    cacheHit: counters.cacheHit,
    watch: (read, durableQueue) => {
      watched = read;
      const { events } = settings;
      if (!events) return;
      const { maxQueue, durable } = events;
      const onDropped = counters.eventsDropped;
      const shared = durable ? durableQueue?.(maxQueue, onDropped) : undefined;
      bridge = createBridge(shared ?? createMemoryQueue(maxQueue), events.receiver(), events, {
        random,
        onDelivered: counters.eventsDelivered,
        onDropped,
        complain: createComplaint(log),
      });
    },
    telemetry: counters.read,
    auditLog: audit.entries,
    on: (event, listener) => {
      const safely = (detail: GuestTokenEvents[typeof event]): void =>
        guarded(`A listener of '${event}'`, () => listener(detail));
      emitter.on(event, safely);
      return () => {
        emitter.off(event, safely);
      };
    },
    close: async () => {
      await Promise.all([bridge?.close(), audit.close()]);
      counters.close();
      emitter.removeAllListeners();
    },
  };
};
