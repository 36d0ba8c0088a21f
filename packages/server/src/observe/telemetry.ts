// Counts what the guest tokens do, in constant memory, and tells OpenTelemetry the same figures.
import { createHistogram } from 'node:perf_hooks';
import type { ProblemCode } from '@genesys-guest/common';
import { type Attributes, metrics } from '@opentelemetry/api';
import type { DropReason } from './event-queue.ts';
import {
  type AnswerOutcome,
  COUNTERS,
  type CounterName,
  createInstruments,
  type Definition,
  DURATIONS,
  type Gauges,
  mapValues,
  type State,
} from './instruments.ts';
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
export interface Telemetry extends State {
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

export interface CounterOptions {
  readonly webchatId: string;
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
}

type Counted = ProblemCode | CacheState | AnswerOutcome | DropReason | '';

export class Counters {
  readonly #gauges: () => Gauges;
  readonly #base: Attributes;
  readonly #calls: Readonly<Record<UpstreamCall['call'], ReturnType<typeof describeCall>>>;
  readonly #counts = mapValues<CounterName, Definition, Record<string, number>>(
    COUNTERS,
    ([, , , , values = ['']]) => Object.fromEntries(values.map((value) => [value, 0])),
  );
  /** Made once: each page view is counted. */
  readonly #attributes = mapValues(COUNTERS, (): Record<string, Attributes> => ({}));
  readonly #digests = mapValues(DURATIONS, createDigest);
  #instruments: ReturnType<typeof createInstruments> | undefined;

  constructor({ webchatId, endpoints }: CounterOptions, gauges: () => Gauges) {
    this.#gauges = gauges;
    this.#base = { 'genesys_guest.webchat_id': webchatId };
    this.#calls = {
      oauth: describeCall(endpoints.oauthToken),
      'guest-tokens': describeCall(endpoints.guestTokens),
    };
    this.#present();
  }

  /** @param value what the counter's attribute tells apart */
  count(name: CounterName, value: Counted = '', by = 1): void {
    const counts = this.#counts[name];
    counts[value] = (counts[value] ?? 0) + by;
    const [, , , attribute]: Definition = COUNTERS[name];
    const attributes = this.#attributes[name];
    attributes[value] ??= attribute === undefined ? this.#base : { ...this.#base, [attribute]: value };
    this.#present().counters[name].add(by, attributes[value]);
  }

  issued(action: 'ISSUED' | 'RENEWED', latencyMs: number): void {
    this.count(action === 'ISSUED' ? 'issued' : 'renewed');
    this.#record('issuing', latencyMs);
  }

  failed(code: ProblemCode, latencyMs: number): void {
    this.count('failed', code);
    const attributes = { ...this.#base, 'error.type': code };
    this.#present().durations.issuing.record(latencyMs / 1_000, attributes);
  }

  upstreamCall(
    { call, startedAt, latencyMs, waitedMs, status, failure }: UpstreamCall,
    trace: IssueTrace,
  ): void {
    const { url, attributesOf } = this.#calls[call];
    const attributes = attributesOf(status, failure !== undefined);
    this.#record('upstream', latencyMs, attributes);
    this.#record('queueWait', waitedMs);
    if (trace) recordTry({ ...attributes, 'url.full': url }, startedAt, startedAt + latencyMs, trace);
  }

  read(): Telemetry {
    const { issuing, upstream, queueWait } = this.#digests;
    const { events, ...state } = this.#gauges();
    return {
      issued: this.#total('issued'),
      renewed: this.#total('renewed'),
      failed: this.#total('failed'),
      cacheHits: this.#total('cacheStates'),
      upstreamCalls: upstream.count(),
      latencyMs: issuing.read(),
      failures: this.#by('failed'),
      cacheStates: this.#by<CacheState>('cacheStates'),
      answers: this.#by<AnswerOutcome>('answers'),
      refused: this.#by('refused'),
      upstreamMs: upstream.read(),
      queueWaitMs: queueWait.read(),
      ...state,
      events: {
        ...events,
        delivered: this.#total('eventsDelivered'),
        dropped: this.#by<DropReason>('eventsDropped'),
      },
      audit: { dropped: this.#total('auditDropped') },
    };
  }

  close(): void {
    this.#instruments?.close();
  }

  #record(name: keyof typeof DURATIONS, ms: number, attributes = this.#base): void {
    this.#digests[name].record(ms);
    this.#present().durations[name].record(ms / 1_000, attributes);
  }

  /** Those of the SDK that is registered now: one that comes after us counts too. */
  #present(): ReturnType<typeof createInstruments> {
    const provider = metrics.getMeterProvider();
    if (this.#instruments?.provider === provider) return this.#instruments;
    this.close();
    this.#instruments = createInstruments(provider, this.#base, this.#gauges);
    // There at 0: the first event is a rise that an alert can see.
    for (const name of Object.keys(COUNTERS) as CounterName[]) {
      for (const value of Object.keys(this.#counts[name])) this.count(name, value as Counted, 0);
    }
    return this.#instruments;
  }

  #by<K extends string>(name: CounterName): Readonly<Record<K, number>> {
    return { ...this.#counts[name] } as Record<K, number>;
  }

  #total(name: CounterName): number {
    return Object.values(this.#counts[name]).reduce((sum, count) => sum + count, 0);
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
    count: () => histogram.count,
    record: (ms: number): void =>
      histogram.record(Math.min(600_000_000, Math.max(1, Math.round(ms * 1_000)))),
    read: (): Percentiles => ({ p50: percentile(50), p95: percentile(95), p99: percentile(99) }),
  };
};
