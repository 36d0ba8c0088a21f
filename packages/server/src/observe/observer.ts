// Hears of everything that happens to guest tokens and passes it on: counters, audit, events and the log.
import { EventEmitter } from 'node:events';
import type { GuestTokenError } from '../errors.ts';
import type { UpstreamCall } from '../genesys/calls.ts';
import type { Invalidation, TokenSettings } from '../options/settings.ts';
import { settleQuietly } from '../promise.ts';
import type { GuestToken } from '../store/store.ts';
import { type AuditEntry, createAudit, type Provisioning } from './audit.ts';
import { createCalm } from './calm.ts';
import { createComplaint, errorName } from './complaint.ts';
import { type Bridge, createBridge } from './events/bridge.ts';
import { cloudEvent } from './events/cloud-event.ts';
import { createMemoryQueue, type EventQueue } from './events/event-queue.ts';
import type { Gauges } from './telemetry/instruments.ts';
import { inIssuingSpan } from './telemetry/spans.ts';
import { type CacheState, createCounters, type DropReason, type Telemetry } from './telemetry.ts';

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

/** What the observer looks at when it is asked for figures. */
export type Watched = () => Omit<Gauges, 'eventsQueued' | 'auditDropped'>;

export interface Observer {
  /** Runs what makes a token, so that a trace shows it. */
  issuing<T>(action: 'ISSUED' | 'RENEWED', subject: Subject, work: () => Promise<T>): Promise<T>;
  /** @param doubt where an earlier try may have made a token, too: how that try failed */
  provisioned(
    action: 'ISSUED' | 'RENEWED',
    subject: Subject,
    token: GuestToken,
    latencyMs: number,
    doubt?: string | undefined,
  ): void;
  failed(subject: Subject, error: GuestTokenError, latencyMs: number): void;
  forgotten(subject: Subject): void;
  invalidated(invalidation: Invalidation): void;
  cacheHit(state: CacheState): void;
  called(call: UpstreamCall): void;
  /** Called once, when there is something to watch. @param durableQueue where events survive this process */
  watch(read: Watched, durableQueue?: DurableQueue | undefined): void;
  telemetry(): Telemetry;
  auditLog(): AuditEntry[];
  on<E extends keyof GuestTokenEvents>(event: E, listener: (detail: GuestTokenEvents[E]) => void): () => void;
  /** Sends and writes what is left, within the limits that the options set. */
  close(): Promise<void>;
}

const CALLS = { oauth: 'An OAuth', 'guest-tokens': 'A guest-token' } as const;

/** Opens the queue of a shared store. */
export type DurableQueue = (
  max: number,
  onDropped: (reason: DropReason, count: number) => void,
) => EventQueue;

const NOTHING: ReturnType<Watched> = { cachedGuests: 0, queued: 0, breaker: 'closed', callsLeft: 0 };

type ObserverSettings = Pick<
  TokenSettings,
  'audit' | 'endpoints' | 'events' | 'log' | 'onInvalidate' | 'region' | 'webchatId'
>;

export const createObserver = (settings: ObserverSettings, random: () => number = Math.random): Observer => {
  const { log, onInvalidate, region } = settings;
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
    bridge?.publish(cloudEvent(entry, region.domain));
    if (heardAs) emitter.emit(heardAs, entry);
    return entry;
  };

  return {
    issuing: (action, { webchatId }, work) =>
      inIssuingSpan(
        { 'genesys_guest.webchat_id': webchatId, 'genesys_guest.action': action.toLowerCase() },
        work,
      ),
    provisioned: (action, subject, { token }, latencyMs, doubt) => {
      counters.provisioned(action, latencyMs);
      const reason = doubt && `An earlier try failed: ${doubt}`;
      tell({ action, ...subject, latencyMs, token, reason }, action === 'ISSUED' ? 'issued' : 'renewed');
    },
    failed: (subject, { code, message, correlationId }, latencyMs) => {
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
    },
    forgotten: (subject) => {
      tell({ action: 'FORGOTTEN', ...subject, latencyMs: 0 });
    },
    invalidated: (invalidation) => {
      if (onInvalidate) guarded('onInvalidate', () => onInvalidate(invalidation));
      emitter.emit('invalidated', invalidation);
    },
    cacheHit: counters.cacheHit,
    called: (call) => {
      counters.upstreamCall(call);
      if (!call.failure) return;
      const { reason, mend, status, correlationId, retryAfter } = call.failure;
      log('debug', `${CALLS[call.call]} call failed: ${reason}. ${mend}`, {
        call: call.call,
        latencyMs: call.latencyMs,
        status,
        correlationId,
        retryAfter,
      });
    },
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
