// The alerts of the example hear of what they are for: each fires and is silent as it should, on metrics that exist.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, it, onTestFinished } from 'vitest';
import { hasCommand } from '../command.ts';
import { emulated } from '../emulated.ts';

const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/observability/${name}`, import.meta.url));

const hasPromtool = hasCommand('promtool', '--version', 'the rules of the alerts');

it.runIf(hasPromtool)('fire and are silent as they should', () => {
  expect(() => execFileSync('promtool', ['test', 'rules', example('alerts.test.yaml')])).not.toThrow();
});

/** The names under which Prometheus has them. */
const exported = async (): Promise<Set<string>> => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const emulator = await startEmulator();
  const tokens = createGuestTokens({
    ...emulated(emulator),
    webchatId: 'chat',
  });
  onTestFinished(async () => {
    metrics.disable();
    await tokens.close();
    await emulator.close();
  });
  await tokens.onboard({ externalId: 'anna' });
  await reader.forceFlush();
  const all = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return new Set(
    all.map(({ descriptor, ...metric }) => {
      const counts = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
      const suffix = counts ? '_total' : metric.dataPointType === DataPointType.HISTOGRAM ? '_bucket' : '';
      return descriptor.name.replaceAll('.', '_') + suffix;
    }),
  );
};

it('have each a section of the runbook, which says what to do', async () => {
  const rules = await readFile(example('alerts.yaml'), 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)[\s\S]*?runbook: docs\/runbook\.md#(\w+)\n/g)];
  const runbook = await readFile(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const sections = runbook.split('\n## ').slice(1);
  expect(sections.map((text) => text.split('\n')[0])).toEqual(alerts.map(([, name]) => name));
  expect(alerts.map(([, name]) => name?.toLowerCase())).toEqual(alerts.map(([, , anchor]) => anchor));
  expect(alerts).toHaveLength(rules.match(/- alert:/g)?.length ?? 0);
  for (const text of sections) {
    for (const part of ['Means.', 'Visitors notice.', 'Do.', 'It helped when'])
      expect(text).toContain(`**${part}`);
  }
});

it('ask for metrics that are there', async () => {
  const rules = await readFile(example('alerts.yaml'), 'utf8');
  const expressions = [...rules.matchAll(/expr:([\s\S]*?)(?=\n {8}(?:for|labels):)/g)].map(
    ([, expr]) => expr,
  );
  const names = expressions
    .join('\n')
    .replaceAll('(_seconds)?', '')
    .match(/genesys_guest_\w+(?=\{|\[|\)| >|")/g);
  const asked = new Set(names?.filter((name) => !/_(webchat_id|outcome|reason)$/.test(name)));
  expect(asked.size).toBe(8);
  const there = await exported();
  expect([...asked].filter((name) => !there.has(name))).toEqual([]);
});
