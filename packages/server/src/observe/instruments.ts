// The instruments of OpenTelemetry that this package has: no-ops that cost next to nothing until a site registers an SDK.
import { PROBLEMS } from '@genesys-guest/common';
import {
  type Attributes,
  type Counter,
  type Histogram,
  type MeterProvider,
  metrics,
  type ObservableGauge,
} from '@opentelemetry/api';

/** The name under which a site finds, or drops, what is ours. */
export const SCOPE = '@genesys-guest/server';

/** What is read when a metric reader asks, of one set of guest tokens. */
export interface Gauges {
  readonly cachedGuests: number;
  readonly queued: number;
  readonly breaker: 'closed' | 'half-open' | 'open';
  readonly callsLeft: number;
  readonly eventsQueued: number;
  readonly store: 'memory' | 'connected' | 'unavailable';
  /** Instances of a shared store, this one included; 1 without one. */
  readonly instances: number;
}

/** The semantic conventions' advice for `http.client.request.duration`. */
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Issuing and waiting may last as long as `upstream.deadline`, 15 s unless set otherwise. */
const WAITING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;
const STORE = { memory: 0, connected: 0, unavailable: 1 } as const;

const CODES = Object.keys(PROBLEMS);
const FAILURES = CODES.filter((code) => code.startsWith('upstream_'));

/** Units in braces are annotations (UCUM); durations are in seconds, as the semantic conventions ask. */
const createInstruments = (provider: MeterProvider, base: Attributes) => {
  const meter = provider.getMeter(SCOPE);
  /** A counter that is there at 0, for each value of its attribute: the first event is a rise that an alert can see. */
  const counter = (
    name: string,
    unit: string,
    description: string,
    attribute?: string,
    values: readonly string[] = [],
  ): Counter => {
    const made = meter.createCounter(`genesys_guest.${name}`, { unit, description });
    if (attribute === undefined) made.add(0, base);
    else for (const value of values) made.add(0, { ...base, [attribute]: value });
    return made;
  };
  const seconds = (name: string, explicitBucketBoundaries: number[], description: string): Histogram =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } });
  return {
    issued: counter('tokens.issued', '{token}', 'Tokens issued for guests who had none'),
    renewed: counter('tokens.renewed', '{token}', 'Tokens issued for guests who had one'),
    failed: counter('tokens.failed', '{failure}', 'Issues that failed, by code', 'error.type', FAILURES),
    cacheAnswers: counter(
      'cache.answers',
      '{answer}',
      'Answers with a token that was there, by its state',
      'genesys_guest.token.state',
      ['fresh', 'ageing', 'changed'],
    ),
    answers: counter(
      'answers',
      '{answer}',
      'Answers to pages, by what came of the token',
      'genesys_guest.outcome',
      OUTCOMES,
    ),
    refused: counter('refused', '{answer}', 'Requests that were refused, by code', 'error.type', CODES),
    eventsDelivered: counter('events.delivered', '{event}', 'Events that the receiver took'),
    eventsDropped: counter(
      'events.dropped',
      '{event}',
      'Events that were given up, by reason',
      'genesys_guest.events.reason',
      ['overflow', 'refused', 'closed', 'unreadable'],
    ),
    auditDropped: counter('audit.dropped', '{entry}', 'Audit entries that the sink did not take'),
    issuing: seconds(
      'genesys_guest.issuing.duration',
      WAITING_SECONDS,
      'From the first wait to the token or the failure, tries and waits included',
    ),
    upstream: seconds('http.client.request.duration', HTTP_SECONDS, 'Duration of HTTP client requests.'),
    queueWait: seconds('genesys_guest.queue.wait', WAITING_SECONDS, 'How long a call waited for its turn'),
  };
};

export type Instruments = ReturnType<typeof createInstruments>;

/**
 * What came of the token in an answer to a page: `token`: it has a good one. `none`: the visitor has none yet and none
 * was asked for. `unavailable`: one was wanted and could not be had.
 */
export const OUTCOMES = ['token', 'none', 'unavailable'] as const;
export type AnswerOutcome = (typeof OUTCOMES)[number];

export interface Meters {
  /** Those of the SDK that is registered now: one that comes after us counts too. */
  readonly instruments: Instruments;
  close(): void;
}

export const createMeters = (gauges: () => Gauges, base: Attributes): Meters => {
  let provider: MeterProvider | undefined;
  let instruments: Instruments | undefined;
  let stopGauges = (): void => {};
  return {
    get instruments() {
      const present = metrics.getMeterProvider();
      if (!instruments || present !== provider) {
        stopGauges();
        provider = present;
        instruments = createInstruments(present, base);
        stopGauges = observeGauges(present, gauges, base);
      }
      return instruments;
    },
    close: () => stopGauges(),
  };
};

/** @returns what ends the observation */
const observeGauges = (provider: MeterProvider, read: () => Gauges, attributes: Attributes): (() => void) => {
  const meter = provider.getMeter(SCOPE);
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`genesys_guest.${name}`, { unit, description });
  const observed: readonly (readonly [ObservableGauge, (figures: Gauges) => number])[] = [
    [gauge('cache.guests', '{guest}', "Guests in this process' memory"), (figures) => figures.cachedGuests],
    [gauge('queue.length', '{call}', 'Calls that wait for their turn'), (figures) => figures.queued],
    [
      gauge(
        'breaker.state',
        '{state}',
        '0: closed, 1: half-open, 2: open, Genesys Cloud is taken to be down',
      ),
      ({ breaker }) => BREAKER[breaker],
    ],
    [gauge('budget.left', '{call}', 'Calls that could leave now'), (figures) => figures.callsLeft],
    [gauge('events.queue.length', '{event}', 'Events that wait for the receiver'), (f) => f.eventsQueued],
    [
      gauge('store.state', '{state}', '0: the store works, 1: the shared store is away'),
      (f) => STORE[f.store],
    ],
    [gauge('instances', '{instance}', 'Instances of the store, as this one knows'), (f) => f.instances],
  ];
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const figures = read();
    for (const [instrument, value] of observed) result.observe(instrument, value(figures), attributes);
  };
  const instruments = observed.map(([instrument]) => instrument);
  meter.addBatchObservableCallback(callback, instruments);
  return () => meter.removeBatchObservableCallback(callback, instruments);
};
