// Gathers everything that leaves a site beside its answers: log lines, the console, spans and metrics.
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
import { vi } from 'vitest';
import { leaksIn, textOf } from './canaries.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const watchOutside = () => {
  const seen: { readonly where: string; readonly text: string }[] = [];
  /** Notes what is seen at a place. */
  const see = (where: string) => (value: unknown) => void seen.push({ where, text: textOf(value) });
  const logger = Object.fromEntries(
    LEVELS.map((level) => [level, (...line: unknown[]) => see(`log ${level}`)(line)]),
  ) as Record<(typeof LEVELS)[number], (...line: unknown[]) => void>;

  const spies = ([...LEVELS, 'log'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(see(`console.${name}`)),
  );
  const spans = new InMemorySpanExporter();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

  return {
    see,
    logger,
    /** Where something was seen, spans and metrics included. */
    places: async (): Promise<Set<string>> => {
      await reader.forceFlush();
      see('metrics')(exporter.getMetrics().at(-1)?.scopeMetrics);
      for (const { name, attributes, events, status, links, resource } of spans.getFinishedSpans()) {
        see('span')({ name, attributes, events, status, links, resource: resource.attributes });
      }
      return new Set(seen.map(({ where }) => where));
    },
    /** Each secret that a place gives away, with the text that does it. */
    leaks: (secrets: ReadonlyMap<string, string>): string[] =>
      seen.flatMap(({ where, text }) =>
        leaksIn(text, secrets).map((name) => `${name} in ${where}: ${text.slice(0, 2_000)}`),
      ),
    stop: (): void => {
      for (const spy of spies) spy.mockRestore();
      metrics.disable();
      trace.disable();
      context.disable();
    },
  };
};

export type Outside = ReturnType<typeof watchOutside>;
