// The instruments of OpenTelemetry that this package has: no-ops that cost next to nothing until a site registers an SDK.
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

/** Units in braces are annotations (UCUM); durations are in seconds, as the semantic conventions ask. */
export interface Instruments {
  readonly issued: Counter;
  readonly renewed: Counter;
  readonly failed: Counter;
  readonly cacheAnswers: Counter;
  readonly eventsDelivered: Counter;
  readonly eventsDropped: Counter;
  readonly issuing: Histogram;
  readonly upstream: Histogram;
  readonly queueWait: Histogram;
}

/** What is read when a metric reader asks, of one core. */
export interface Gauges {
  readonly cachedGuests: number;
  readonly queued: number;
  readonly breaker: 'closed' | 'half-open' | 'open';
  readonly callsLeft: number;
  readonly eventsQueued: number;
  readonly auditDropped: number;
}

/** The semantic conventions' advice for `http.client.request.duration`. */
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Issuing and waiting may last as long as `upstream.deadline`, 15 s unless set otherwise. */
const WAITING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

export interface Meters {
  /** Those of the SDK that is registered now: one that comes after us counts too. */
  readonly instruments: Instruments;
  close(): void;
}

export const createMeters = (gauges: () => Gauges, attributes: Attributes): Meters => {
  let provider: MeterProvider | undefined;
  let instruments: Instruments | undefined;
  let stopGauges = (): void => {};
  return {
    get instruments() {
      const present = metrics.getMeterProvider();
      if (!instruments || present !== provider) {
        stopGauges();
        provider = present;
        instruments = makeInstruments(present);
        stopGauges = observeGauges(present, gauges, attributes);
      }
      return instruments;
    },
    close: () => stopGauges(),
  };
};

const makeInstruments = (provider: MeterProvider): Instruments => {
  const meter = provider.getMeter(SCOPE);
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`genesys_guest.${name}`, { unit, description });
  const seconds = (name: string, explicitBucketBoundaries: number[], description: string) =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } });
  return {
    issued: counter('tokens.issued', '{token}', 'Tokens made for guests who had none'),
    renewed: counter('tokens.renewed', '{token}', 'Tokens made for guests who had one'),
    failed: counter('tokens.failed', '{failure}', 'Provisionings that failed, by code'),
    cacheAnswers: counter('cache.answers', '{answer}', 'Answers with a token that was there, by its state'),
    eventsDelivered: counter('events.delivered', '{event}', 'Events that the receiver took'),
    eventsDropped: counter('events.dropped', '{event}', 'Events that were given up, by reason'),
    issuing: seconds(
      'genesys_guest.issuing.duration',
      WAITING_SECONDS,
      'From the first wait to the token or the failure, tries and waits included',
    ),
    upstream: seconds('http.client.request.duration', HTTP_SECONDS, 'Duration of HTTP client requests.'),
    queueWait: seconds('genesys_guest.queue.wait', WAITING_SECONDS, 'How long a call waited for its turn'),
  };
};

/** @returns what ends the observation */
const observeGauges = (provider: MeterProvider, read: () => Gauges, attributes: Attributes): (() => void) => {
  const meter = provider.getMeter(SCOPE);
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`genesys_guest.${name}`, { unit, description });
  const observed: readonly (readonly [ObservableGauge, (figures: Gauges) => number])[] = [
    [gauge('cache.guests', '{guest}', "Guests in this process' memory"), ({ cachedGuests }) => cachedGuests],
    [gauge('queue.length', '{call}', 'Calls that wait for their turn'), ({ queued }) => queued],
    [
      gauge('breaker.state', '1', '0: closed, 1: half-open, 2: open, Genesys Cloud is taken to be down'),
      ({ breaker }) => BREAKER[breaker],
    ],
    [gauge('budget.left', '{call}', 'Calls that could leave now'), ({ callsLeft }) => callsLeft],
    [gauge('events.queue.length', '{event}', 'Events that wait for the receiver'), (f) => f.eventsQueued],
    [gauge('audit.dropped', '{entry}', 'Audit entries lost since start'), ({ auditDropped }) => auditDropped],
  ];
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const figures = read();
    for (const [instrument, value] of observed) result.observe(instrument, value(figures), attributes);
  };
  const instruments = observed.map(([instrument]) => instrument);
  meter.addBatchObservableCallback(callback, instruments);
  return () => meter.removeBatchObservableCallback(callback, instruments);
};
