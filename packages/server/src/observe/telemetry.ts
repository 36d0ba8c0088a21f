// Counts what the guest tokens do, in constant memory, and tells OpenTelemetry the same figures.
import { createHistogram } from 'node:perf_hooks';
import type { ProblemCode } from '@genesys-guest/common';
import type { Attributes } from '@opentelemetry/api';
import type { DropReason } from './event-queue.ts';
import { type AnswerOutcome, createMeters, type Gauges, type Meters } from './instruments.ts';
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
  /** Tokens issued for guests who had none. */
  readonly issued: number;
  /** Tokens issued for guests who had one. */
  readonly renewed: number;
  /** Issues that failed, each counted once however many tries it took. */
  readonly failed: number;
  /** Answers with a token that was there already. */
  readonly cacheHits: number;
  /** Calls that left for the platform, repetitions and OAuth included. */
  readonly upstreamCalls: number;
  /** Milliseconds from the first wait to the token, of those that were issued. */
  readonly latencyMs: Percentiles;
  /** `failed` by its code. */
  readonly failures: Readonly<Partial<Record<ProblemCode, number>>>;
  /** `cacheHits` by the token's state. */
  readonly cacheStates: Readonly<Record<CacheState, number>>;
  /** Answers to pages by what came of the token. */
  readonly answers: Readonly<Record<AnswerOutcome, number>>;
  /** Requests of pages that were refused, by code. */
  readonly refused: Readonly<Partial<Record<ProblemCode, number>>>;
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
  readonly store: Gauges['store'];
  readonly instances: number;
  readonly events: {
    /** Waiting now. */
    readonly queued: number;
    /** Taken by the receiver. */
    readonly delivered: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
  };
  readonly audit: {
    /** Entries that the sink did not take. */
    readonly dropped: number;
  };
}

interface CounterOptions {
  readonly webchatId: string;
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
}

export class Counters {
  readonly #gauges: () => Gauges;
  readonly #meters: Meters;
  readonly #base: Attributes;
  readonly #callAttributes: Readonly<Record<UpstreamCall['call'], ReturnType<typeof callAttributes>>>;
  readonly #counts = { issued: 0, renewed: 0, failed: 0, cacheHits: 0, upstreamCalls: 0 };
  readonly #failures: Partial<Record<ProblemCode, number>> = {};
  readonly #refused: Partial<Record<ProblemCode, number>> = {};
  readonly #cacheStates = { fresh: 0, ageing: 0, changed: 0 };
  readonly #answers = { token: 0, none: 0, unavailable: 0 };
  readonly #events = { delivered: 0, dropped: { overflow: 0, refused: 0, closed: 0, unreadable: 0 } };
  readonly #latency = createDigest();
  readonly #upstream = createDigest();
  readonly #queueWait = createDigest();
  #auditDropped = 0;

  /** @param gauges what is read at the time of asking */
  constructor({ webchatId, endpoints }: CounterOptions, gauges: () => Gauges) {
    this.#gauges = gauges;
    this.#base = { 'genesys_guest.webchat_id': webchatId };
    this.#meters = createMeters(gauges, this.#base);
    this.#callAttributes = {
      oauth: callAttributes(endpoints.oauthToken),
      'guest-tokens': callAttributes(endpoints.guestTokens),
    };
  }

  /** Makes the counters known at 0, to an SDK that is there already. */
  start(): void {
    void this.#instruments;
  }

  get #instruments() {
    return this.#meters.instruments;
  }

  issued(action: 'ISSUED' | 'RENEWED', latencyMs: number): void {
    const name = action === 'ISSUED' ? 'issued' : 'renewed';
    this.#counts[name] += 1;
    this.#latency.record(latencyMs);
    this.#instruments[name].add(1, this.#base);
    this.#instruments.issuing.record(latencyMs / 1_000, this.#base);
  }

  failed(code: ProblemCode, latencyMs: number): void {
    this.#counts.failed += 1;
    this.#failures[code] = (this.#failures[code] ?? 0) + 1;
    const attributes = { ...this.#base, 'error.type': code };
    this.#instruments.failed.add(1, attributes);
    this.#instruments.issuing.record(latencyMs / 1_000, attributes);
  }

  cacheHit(state: CacheState): void {
    this.#counts.cacheHits += 1;
    this.#cacheStates[state] += 1;
    this.#instruments.cacheAnswers.add(1, { ...this.#base, 'genesys_guest.token.state': state });
  }

  answered(outcome: AnswerOutcome): void {
    this.#answers[outcome] += 1;
    this.#instruments.answers.add(1, { ...this.#base, 'genesys_guest.outcome': outcome });
  }

  refused(code: ProblemCode): void {
    this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    this.#instruments.refused.add(1, { ...this.#base, 'error.type': code });
  }

  upstreamCall(
    { call, startedAt, latencyMs, waitedMs, status, failure }: UpstreamCall,
    trace: IssueTrace,
  ): void {
    this.#counts.upstreamCalls += 1;
    this.#upstream.record(latencyMs);
    this.#queueWait.record(waitedMs);
    const { metric, span } = this.#callAttributes[call](status, failure !== undefined);
    this.#instruments.upstream.record(latencyMs / 1_000, metric);
    this.#instruments.queueWait.record(waitedMs / 1_000, this.#base);
    recordTry(span, startedAt, startedAt + latencyMs, trace);
  }

  eventsDelivered(count: number): void {
    this.#events.delivered += count;
    this.#instruments.eventsDelivered.add(count, this.#base);
  }

  eventsDropped(reason: DropReason, count: number): void {
    this.#events.dropped[reason] += count;
    this.#instruments.eventsDropped.add(count, { ...this.#base, 'genesys_guest.events.reason': reason });
  }

  auditDropped(): void {
    this.#auditDropped += 1;
    this.#instruments.auditDropped.add(1, this.#base);
  }

  read(): Telemetry {
    const { eventsQueued, ...gauges } = this.#gauges();
    return {
      ...this.#counts,
      latencyMs: this.#latency.read(),
      failures: { ...this.#failures },
      cacheStates: { ...this.#cacheStates },
      answers: { ...this.#answers },
      refused: { ...this.#refused },
      upstreamMs: this.#upstream.read(),
      queueWaitMs: this.#queueWait.read(),
      ...gauges,
      events: { ...this.#events, queued: eventsQueued, dropped: { ...this.#events.dropped } },
      audit: { dropped: this.#auditDropped },
    };
  }

  close(): void {
    this.#meters.close();
  }
}

interface CallAttributes {
  readonly metric: Attributes;
  readonly span: Attributes;
}

/** By the semantic conventions of HTTP clients. Made once for each outcome: there are few, and calls are many. */
const callAttributes = (url: string) => {
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
