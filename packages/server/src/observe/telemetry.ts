// Counts what the guest tokens do, in constant memory, and tells OpenTelemetry the same figures.
import { createHistogram } from 'node:perf_hooks';
import type { ProblemCode } from '@genesys-guest/common';
import type { Attributes } from '@opentelemetry/api';
import type { DropReason } from './event-queue.ts';
import { type AnswerOutcome, type CounterName, type Gauges, Meters } from './instruments.ts';
import type { UpstreamCall } from './ports.ts';
import { type IssueTrace, recordTry } from './spans.ts';

/** Half, 95% and 99% are at most so many milliseconds. */
export interface Percentiles {
  /** The median. */ readonly p50: number;
  /** 95% are at most this. */ readonly p95: number;
  /** 99% are at most this. */ readonly p99: number;
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
  /** The circuit breaker: `open` while Genesys is taken to be down. */ readonly breaker: Gauges['breaker'];
  /** Whether a shared store can be used. */ readonly store: Gauges['store'];
  /** Instances of a shared store, as this one knows; 1 without one. */ readonly instances: number;
  /** Ways in which they differ: version, `upstream.perMinute`, `secrets`. */ readonly differences: number;
  /** What became of the events. */ readonly events: {
    /** Waiting now. */
    readonly queued: number;
    /** Taken by the receiver. */
    readonly delivered: number;
    /** Given up, by reason. */ readonly dropped: Readonly<Record<DropReason, number>>;
  };
  /** What became of the audit entries. */ readonly audit: {
    /** Entries that the sink did not take. */
    readonly dropped: number;
  };
}

interface CounterOptions {
  readonly webchatId: string;
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
}

type Counts<K extends string> = Readonly<Partial<Record<K, number>>>;

export class Counters {
  readonly #gauges: () => Gauges;
  readonly #meters: Meters;
  readonly #base: Attributes;
  readonly #calls: Readonly<Record<UpstreamCall['call'], ReturnType<typeof describeCall>>>;
  readonly #counts = new Map<CounterName, Record<string, number>>();
  readonly #latency = createDigest();
  readonly #upstream = createDigest();
  readonly #queueWait = createDigest();
  #upstreamCalls = 0;

  /** @param gauges what is read at the time of asking */
  constructor({ webchatId, endpoints }: CounterOptions, gauges: () => Gauges) {
    this.#gauges = gauges;
    this.#base = { 'genesys_guest.webchat_id': webchatId };
    this.#meters = new Meters(gauges, this.#base);
    this.#calls = {
      oauth: describeCall(endpoints.oauthToken),
      'guest-tokens': describeCall(endpoints.guestTokens),
    };
  }

  /** @param value what the counter's attribute tells apart */
  count(name: CounterName, value = '', by = 1): void {
    const counts = this.#counts.get(name) ?? {};
    this.#counts.set(name, counts);
    counts[value] = (counts[value] ?? 0) + by;
    this.#meters.count(name, value, by);
  }

  issued(action: 'ISSUED' | 'RENEWED', latencyMs: number): void {
    this.#latency.record(latencyMs);
    this.count(action === 'ISSUED' ? 'issued' : 'renewed');
    this.#meters.record('issuing', latencyMs);
  }

  failed(code: ProblemCode, latencyMs: number): void {
    this.count('failed', code);
    this.#meters.record('issuing', latencyMs, { ...this.#base, 'error.type': code });
  }

  upstreamCall(
    { call, startedAt, latencyMs, waitedMs, status, failure }: UpstreamCall,
    trace: IssueTrace,
  ): void {
    this.#upstreamCalls += 1;
    this.#upstream.record(latencyMs);
    this.#queueWait.record(waitedMs);
    const { url, attributesOf } = this.#calls[call];
    const attributes = attributesOf(status, failure !== undefined);
    this.#meters.record('upstream', latencyMs, attributes);
    this.#meters.record('queueWait', waitedMs);
    if (trace) recordTry({ ...attributes, 'url.full': url }, startedAt, startedAt + latencyMs, trace);
  }

  read(): Telemetry {
    const { eventsQueued, ...gauges } = this.#gauges();
    return {
      issued: this.#total('issued'),
      renewed: this.#total('renewed'),
      failed: this.#total('failed'),
      cacheHits: this.#total('cacheStates'),
      upstreamCalls: this.#upstreamCalls,
      latencyMs: this.#latency.read(),
      failures: this.#by('failed'),
      cacheStates: { fresh: 0, ageing: 0, changed: 0, ...this.#by<CacheState>('cacheStates') },
      answers: { token: 0, none: 0, unavailable: 0, ...this.#by<AnswerOutcome>('answers') },
      refused: this.#by('refused'),
      upstreamMs: this.#upstream.read(),
      queueWaitMs: this.#queueWait.read(),
      ...gauges,
      events: {
        queued: eventsQueued,
        delivered: this.#total('eventsDelivered'),
        dropped: {
          overflow: 0,
          refused: 0,
          closed: 0,
          unreadable: 0,
          ...this.#by<DropReason>('eventsDropped'),
        },
      },
      audit: { dropped: this.#total('auditDropped') },
    };
  }

  close(): void {
    this.#meters.close();
  }

  #by<K extends string>(name: CounterName): Counts<K> {
    return { ...this.#counts.get(name) } as Counts<K>;
  }

  #total(name: CounterName): number {
    return Object.values(this.#by(name)).reduce<number>((sum, count) => sum + Number(count), 0);
  }
}

/** Of a metric and of a span, by the semantic conventions of HTTP clients. */
const describeCall = (url: string) => {
  const { protocol, hostname, port, pathname, origin } = new URL(url);
  const server = {
    'http.request.method': 'POST',
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
  return {
    // Without its query: a gateway's URL may have a key in it.
    url: `${origin}${pathname}`,
    attributesOf: (status: number | undefined, failed: boolean): Attributes => ({
      ...server,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(failed && { 'error.type': status === undefined ? 'network' : String(status) }),
    }),
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
