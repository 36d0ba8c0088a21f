// OpenTelemetry's own SDK sees every figure and span, telemetry() the same without it, and neither who a guest is.
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna-the-guest', attributes: { tier: 'platinum-tier' } };

afterEach(() => {
  metrics.disable();
  trace.disable();
  context.disable();
});

const startMetrics = () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return async () => {
    await reader.forceFlush();
    const all =
      exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return {
      text: JSON.stringify(all),
      points: (name: string) =>
        all
          .find(({ descriptor }) => descriptor.name === name)
          ?.dataPoints.map(({ attributes, value }) => ({
            attributes,
            value: typeof value === 'object' ? (value as { count: number }).count : value,
          })) ?? [],
      units: Object.fromEntries(all.map(({ descriptor }) => [descriptor.name, descriptor.unit])),
    };
  };
};

const startTracing = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return exporter;
};

describe('metrics', () => {
  it('count what happens, also where the SDK is registered after the service was made', async () => {
    const { service, emulator, pass, observer } = await startRig();
    const read = startMetrics();
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 503 });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(86_400 - 100);
    await service.renew(WEBCHAT, anna);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    await service.renew(WEBCHAT, { externalId: 'bert-the-guest' }, { mayAge: true }).catch(() => {});
    const { points, units, text } = await read();

    const base = { 'genesys_guest.webchat_id': WEBCHAT };
    expect(points('genesys_guest.tokens.issued')).toEqual([{ attributes: base, value: 1 }]);
    expect(points('genesys_guest.tokens.renewed')).toEqual([{ attributes: base, value: 1 }]);
    expect(points('genesys_guest.tokens.failed')).toContainEqual({
      attributes: { ...base, 'error.type': 'upstream_rejected' },
      value: 1,
    });
    expect(points('genesys_guest.cache.answers')).toContainEqual({
      attributes: { ...base, 'genesys_guest.token.state': 'fresh' },
      value: 1,
    });
    expect(points('http.client.request.duration')).toContainEqual({
      attributes: {
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'server.port': emulator.port,
        'http.response.status_code': 503,
        'error.type': '503',
      },
      value: 1,
    });
    expect(points('genesys_guest.cache.guests')).toEqual([{ attributes: base, value: 1 }]);
    expect(points('genesys_guest.breaker.state')).toEqual([{ attributes: base, value: 0 }]);
    expect(points('genesys_guest.budget.left')[0]?.value).toBe(observer.telemetry().callsLeft);
    expect(units).toMatchObject({
      'http.client.request.duration': 's',
      'genesys_guest.issuing.duration': 's',
      'genesys_guest.queue.wait': 's',
    });
    for (const secret of ['the-guest', 'platinum', 'emulator-secret']) expect(text).not.toContain(secret);
  });

  it('are there at 0 before anything happens, so that an alert sees the first rise', async () => {
    const read = startMetrics();
    const { observer } = await startRig();
    const before = await read();
    const values = (name: string) => before.points(`genesys_guest.${name}`).map(({ value }) => value);
    for (const name of ['issued', 'renewed'].map((kind) => `tokens.${kind}`))
      expect(values(name)).toEqual([0]);
    expect(values('tokens.failed')).toEqual([0, 0, 0]);
    expect(values('answers')).toEqual([0, 0, 0]);
    expect(values('refused').length).toBeGreaterThan(8);
    expect(values('events.dropped')).toEqual([0, 0, 0, 0]);
    expect(values('audit.dropped')).toEqual([0]);
    expect([values('store.state'), values('instances')]).toEqual([[0], [1]]);

    observer.count('answers', 'unavailable');
    observer.count('refused', 'too_many_guests');
    const { points } = await read();
    const base = { 'genesys_guest.webchat_id': WEBCHAT };
    expect(points('genesys_guest.answers')).toContainEqual({
      attributes: { ...base, 'genesys_guest.outcome': 'unavailable' },
      value: 1,
    });
    expect(points('genesys_guest.refused')).toContainEqual({
      attributes: { ...base, 'error.type': 'too_many_guests' },
      value: 1,
    });
    expect(observer.telemetry()).toMatchObject({
      answers: { token: 0, none: 0, unavailable: 1 },
      refused: { too_many_guests: 1 },
    });
  });

  it('are those of telemetry() without an SDK', async () => {
    const { service, emulator, observer } = await startRig();
    await service.renew(WEBCHAT, anna, { mayAge: true });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 404 });
    await service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true }).catch(() => {});
    const figures = observer.telemetry();
    expect(figures).toMatchObject({
      issued: 1,
      renewed: 0,
      failed: 1,
      failures: { upstream_rejected: 1 },
      cacheHits: 1,
      cacheStates: { fresh: 1, ageing: 0, changed: 0 },
      upstreamCalls: 3,
      cachedGuests: 1,
      queued: 0,
      breaker: 'closed',
      events: { queued: 0, delivered: 0, dropped: { overflow: 0, refused: 0, closed: 0, unreadable: 0 } },
      audit: { dropped: 0 },
    });
    for (const digest of [figures.latencyMs, figures.upstreamMs]) {
      expect(digest.p50).toBeGreaterThan(0);
      expect(digest.p99).toBeGreaterThanOrEqual(digest.p50);
    }
  });
});

describe('spans', () => {
  it('show the tries of an issuing under it, by the conventions of HTTP, and not who it is for', async () => {
    const exporter = startTracing();
    const { service, emulator } = await startRig();
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 503 });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    const spans = exporter.getFinishedSpans();
    const issuing = spans.find(({ name }) => name === 'genesys_guest.issue');
    const tries = spans.filter(({ name }) => name === 'POST');
    expect(tries.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200, 503, 200]);
    expect(tries[1]?.attributes).toMatchObject({
      'error.type': '503',
      'url.full': emulator.endpoints.guestTokens,
    });
    for (const { parentSpanContext } of tries) {
      expect(parentSpanContext?.spanId).toBe(issuing?.spanContext().spanId);
    }
    expect(issuing?.attributes).toMatchObject({ 'genesys_guest.action': 'issued' });
    const text = JSON.stringify(
      spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    );
    for (const secret of ['the-guest', 'platinum', 'emulator-secret']) expect(text).not.toContain(secret);
  });

  it('say by its code why an issuing failed', async () => {
    const exporter = startTracing();
    const { service, emulator } = await startRig();
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    await service.renew(WEBCHAT, anna, { mayAge: true }).catch(() => {});
    const issuing = exporter.getFinishedSpans().find(({ name }) => name === 'genesys_guest.issue');
    expect(issuing?.attributes['error.type']).toBe('upstream_rejected');
    expect(issuing?.status.code).toBe(2);
  });
});
