// Counts what the guest tokens do, in constant memory, and tells OpenTelemetry the same figures.
import { createHistogram } from 'node:perf_hooks';
import type { ProblemCode } from '@genesys-guest/common';
import type { Attributes } from '@opentelemetry/api';
import type { DropReason } from './event-queue.ts';
import { createMeters, type Gauges } from './instruments.ts';
import type { UpstreamCall } from './ports.ts';
import { type IssueTrace, recordTry } from './spans.ts';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The state of a token that was there already. `changed`: good, but for other attributes. */
export type CacheState = 'fresh' | 'ageing' | 'changed';

/** Figures since start, of this process. */
export interface Telemetry {
  /** Tokens made for guests who had none. */
  readonly issued: number;
  /** Tokens made for guests who had one. */
  readonly renewed: number;
  /** Provisionings that failed, each counted once however many tries it took. */
  readonly failed: number;
  /** Answers with a token that was there already. */
  readonly cacheHits: number;
  /** Calls that left for the platform, repetitions and OAuth included. */
  readonly upstreamCalls: number;
  /** Milliseconds from the first wait to the token, of those that were made. */
  readonly latencyMs: Percentiles;
  /** `failed` by its code. */
  readonly failures: Readonly<Partial<Record<ProblemCode, number>>>;
  /** `cacheHits` by the token's state. */
  readonly cacheStates: Readonly<Record<CacheState, number>>;
  /** Milliseconds of one call to the platform. */
  readonly upstreamMs: Percentiles;
  /** Milliseconds that a call waited for its turn. */
  readonly queueWaitMs: Percentiles;
  /** Guests in this process' memory. */
  readonly cachedGuests: number;
  /** Calls that wait for their turn now. */
  readonly queued: number;
  /** Calls that could leave now. */
  readonly callsLeft: number;
  readonly breaker: Gauges['breaker'];
  readonly events: {
    /** Waiting now. */
    readonly queued: number;
    /** Taken by the receiver. */
    readonly delivered: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
  };
  readonly audit: {
    /** Entries that the sink could not take. */
    readonly dropped: number;
  };
}

export interface Counters {
  provisioned(action: 'ISSUED' | 'RENEWED', latencyMs: number): void;
  failed(code: ProblemCode, latencyMs: number): void;
  cacheHit(state: CacheState): void;
  upstreamCall(call: UpstreamCall, trace: IssueTrace): void;
  eventsDelivered(count: number): void;
  eventsDropped(reason: DropReason, count: number): void;
  read(): Telemetry;
  close(): void;
}

interface CounterOptions {
  readonly webchatId: string;
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
}

/** @param gauges what is read at the time of asking */
export const createCounters = ({ webchatId, endpoints }: CounterOptions, gauges: () => Gauges): Counters => {
  const counts = { issued: 0, renewed: 0, failed: 0, cacheHits: 0, upstreamCalls: 0 };
  const failures: Partial<Record<ProblemCode, number>> = {};
  const cacheStates = { fresh: 0, ageing: 0, changed: 0 };
  const events = { delivered: 0, dropped: { overflow: 0, refused: 0, closed: 0, unreadable: 0 } };
  const [latency, upstream, queueWait] = [createDigest(), createDigest(), createDigest()];
  const base = { 'genesys_guest.webchat_id': webchatId };
  const withState = {
    fresh: { ...base, 'genesys_guest.token.state': 'fresh' },
    ageing: { ...base, 'genesys_guest.token.state': 'ageing' },
    changed: { ...base, 'genesys_guest.token.state': 'changed' },
  };
  const servers = {
    oauth: serverAttributes(endpoints.oauthToken),
    'guest-tokens': serverAttributes(endpoints.guestTokens),
  };
  const meters = createMeters(gauges, base);

  return {
    provisioned: (action, latencyMs) => {
      const name = action === 'ISSUED' ? 'issued' : 'renewed';
      counts[name] += 1;
      latency.record(latencyMs);
      meters.instruments[name].add(1, base);
      meters.instruments.issuing.record(latencyMs / 1_000, base);
    },
    failed: (code, latencyMs) => {
      counts.failed += 1;
      failures[code] = (failures[code] ?? 0) + 1;
      const attributes = { ...base, 'error.type': code };
      meters.instruments.failed.add(1, attributes);
      meters.instruments.issuing.record(latencyMs / 1_000, attributes);
    },
    cacheHit: (state) => {
      counts.cacheHits += 1;
      cacheStates[state] += 1;
      meters.instruments.cacheAnswers.add(1, withState[state]);
    },
    upstreamCall: ({ call, startedAt, latencyMs, waitedMs, status, failure }, trace) => {
      counts.upstreamCalls += 1;
      upstream.record(latencyMs);
      queueWait.record(waitedMs);
      const { metric, span } = servers[call](status, failure !== undefined);
      meters.instruments.upstream.record(latencyMs / 1_000, metric);
      meters.instruments.queueWait.record(waitedMs / 1_000, base);
      recordTry(span, startedAt, startedAt + latencyMs, trace);
    },
    eventsDelivered: (count) => {
      events.delivered += count;
      meters.instruments.eventsDelivered.add(count, base);
    },
    eventsDropped: (reason, count) => {
      events.dropped[reason] += count;
      meters.instruments.eventsDropped.add(count, { ...base, 'genesys_guest.events.reason': reason });
    },
    read: () => {
      const { cachedGuests, queued, callsLeft, breaker, eventsQueued, auditDropped } = gauges();
      return {
        ...counts,
        latencyMs: latency.read(),
        failures: { ...failures },
        cacheStates: { ...cacheStates },
        upstreamMs: upstream.read(),
        queueWaitMs: queueWait.read(),
        cachedGuests,
        queued,
        callsLeft,
        breaker,
        events: { queued: eventsQueued, delivered: events.delivered, dropped: { ...events.dropped } },
        audit: { dropped: auditDropped },
      };
    },
    close: meters.close,
  };
};

interface CallAttributes {
  readonly metric: Attributes;
  readonly span: Attributes;
}

/** By the semantic conventions of HTTP clients. Made once for each outcome: there are few, and calls are many. */
const serverAttributes = (url: string) => {
  const { protocol, hostname, port, pathname, origin } = new URL(url);
  const server = {
    'http.request.method': 'POST',
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
  const known = new Map<string, CallAttributes>();
  return (status: number | undefined, failed: boolean): CallAttributes => {
    const name = `${status} ${failed}`;
    const present = known.get(name);
    if (present) return present;
    const metric = {
      ...server,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(failed && { 'error.type': status === undefined ? 'network' : String(status) }),
    };
    // Without its query: a gateway's URL may have a key in it.
    const made = { metric, span: { ...metric, 'url.full': `${origin}${pathname}` } };
    known.set(name, made);
    return made;
  };
};

/** Node's own HDR histogram, in microseconds: two significant digits are enough for a percentile. */
const createDigest = () => {
  const histogram = createHistogram({ lowest: 1, highest: 600_000_000, figures: 2 });
  const percentile = (p: number): number => (histogram.count === 0 ? 0 : histogram.percentile(p) / 1_000);
  return {
    record: (ms: number): void =>
      histogram.record(Math.min(600_000_000, Math.max(1, Math.round(ms * 1_000)))),
    read: (): Percentiles => ({ p50: percentile(50), p95: percentile(95), p99: percentile(99) }),
  };
};
