// The instruments of OpenTelemetry that this package has: no-ops that cost next to nothing until a site registers an SDK.
import { PROBLEMS } from '@genesys-guest/common';
import type { Attributes, BatchObservableCallback, MeterProvider } from '@opentelemetry/api';

/** The name under which a site finds, or drops, what is ours. */
export const SCOPE = '@genesys-guest/server';

export const OUTCOMES = ['token', 'none', 'unavailable'] as const;
/**
 * What came of the token in an answer to a page: `token`: it has a good one. `none`: the visitor has none yet and none
 * was asked for. `unavailable`: one was wanted and could not be had.
 */
export type AnswerOutcome = (typeof OUTCOMES)[number];

const CODES = Object.keys(PROBLEMS);
const FAILURES = CODES.filter((code) => code.startsWith('upstream_'));
const STATES = ['fresh', 'ageing', 'changed'];
const REASONS = ['overflow', 'refused', 'closed', 'unreadable'];

/** The attribute that tells what is counted apart, and its values. */
export type Definition = readonly [
  name: string,
  unit: string,
  description: string,
  attribute?: string,
  values?: readonly string[],
];

/** Units in braces are annotations (UCUM). */
export const COUNTERS = {
  issued: ['tokens.issued', '{token}', 'Tokens issued for guests who had none'],
  renewed: ['tokens.renewed', '{token}', 'Tokens issued for guests who had one'],
  failed: ['tokens.failed', '{failure}', 'Issues that failed', 'error.type', FAILURES],
  cacheStates: ['cache.answers', '{answer}', 'Tokens that were there', 'genesys_guest.token.state', STATES],
  answers: ['answers', '{answer}', 'Answers by their token', 'genesys_guest.outcome', OUTCOMES],
  refused: ['refused', '{answer}', 'Requests that were refused', 'error.type', CODES],
  eventsDelivered: ['events.delivered', '{event}', 'Events that the receiver took'],
  eventsDropped: ['events.dropped', '{event}', 'Events given up', 'genesys_guest.events.reason', REASONS],
  auditDropped: ['audit.dropped', '{entry}', 'Audit entries that the sink did not take'],
} as const satisfies Record<string, Definition>;

export type CounterName = keyof typeof COUNTERS;

/** Issuing and waiting may last as long as `upstream.deadline`, 15 s unless set otherwise. */
const WAITING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** The semantic conventions' advice for `http.client.request.duration`. */
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** In seconds, as the semantic conventions ask. */
export const DURATIONS = {
  issuing: [
    'genesys_guest.issuing.duration',
    'From the first wait to the token or the failure, tries and waits included',
    WAITING_SECONDS,
  ],
  upstream: ['http.client.request.duration', 'Duration of HTTP client requests.', HTTP_SECONDS],
  queueWait: ['genesys_guest.queue.wait', 'How long a call waited for its turn', WAITING_SECONDS],
} as const;

/** The state of one set of guest tokens, read when somebody asks. */
export interface State {
  /** Guests in this process' memory. */
  readonly cachedGuests: number;
  /** Calls that wait for their turn now. */
  readonly queued: number;
  /** Calls that could leave now. */
  readonly callsLeft: number;
  /** The circuit breaker: `open` while Genesys is taken to be down. */
  readonly breaker: 'closed' | 'half-open' | 'open';
  /** Whether a shared store can be used. */
  readonly store: 'memory' | 'connected' | 'unavailable';
  /** Instances of a shared store, as this one knows; 1 without one. */
  readonly instances: number;
  /** Ways in which they differ: version, `upstream.perMinute`, `secrets`. */
  readonly differences: number;
}

export type Gauges = State & { readonly events: { readonly queued: number } };

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

export const GAUGES: readonly (readonly [string, string, string, (gauges: Gauges) => number])[] = [
  ['cache.guests', '{guest}', "Guests in this process' memory", (now) => now.cachedGuests],
  ['queue.length', '{call}', 'Calls that wait for their turn', (now) => now.queued],
  ['breaker.state', '{state}', '0: closed, 1: half-open, 2: open', (now) => BREAKER[now.breaker]],
  ['budget.left', '{call}', 'Calls that could leave now', (now) => now.callsLeft],
  ['events.queue.length', '{event}', 'Events that wait for the receiver', (now) => now.events.queued],
  ['store.state', '{state}', '0: works, 1: away', (now) => Number(now.store === 'unavailable')],
  ['instances', '{instance}', 'Instances of the store, as this one knows', (now) => now.instances],
  ['differences', '{difference}', 'Ways in which instances differ', (now) => now.differences],
];

export const mapValues = <K extends string, A, B>(
  values: Readonly<Record<K, A>>,
  map: (value: A) => B,
): Record<K, B> =>
  Object.fromEntries(Object.entries<A>(values).map(([key, value]) => [key, map(value)])) as Record<K, B>;

/** @param read what the gauges show @returns the instruments, and what ends the observation of the gauges */
export const createInstruments = (provider: MeterProvider, base: Attributes, read: () => Gauges) => {
  const meter = provider.getMeter(SCOPE);
  const counters = mapValues(COUNTERS, ([name, unit, description]) =>
    meter.createCounter(`genesys_guest.${name}`, { unit, description }),
  );
  const durations = mapValues(DURATIONS, ([name, description, bounds]) =>
    meter.createHistogram(name, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: [...bounds] },
    }),
  );
  const gauges = GAUGES.map(([name, unit, description]) =>
    meter.createObservableGauge(`genesys_guest.${name}`, { unit, description }),
  );
  const observe: BatchObservableCallback = (result) => {
    const now = read();
    for (const [i, gauge] of gauges.entries()) result.observe(gauge, GAUGES[i]?.[3](now) ?? 0, base);
  };
  meter.addBatchObservableCallback(observe, gauges);
  return { provider, counters, durations, close: () => meter.removeBatchObservableCallback(observe, gauges) };
};
