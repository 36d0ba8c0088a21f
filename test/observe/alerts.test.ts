// The example's alerts and dashboard: alerts fire and are silent as they should, and all ask for metrics that exist.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '@genesys-guest/emulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasCommand } from '../command.ts';
import { example, startOperated } from './operator.ts';

const hasPromtool = hasCommand('promtool', '--version', 'the rules of the alerts');

it.runIf(hasPromtool)('alerts fire and are silent as they should', () => {
  expect(() => execFileSync('promtool', ['test', 'rules', example('alerts.test.yaml')])).not.toThrow();
});

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

const dashboard = async (): Promise<Dashboard> =>
  JSON.parse(await readFile(example('grafana/dashboard.json'), 'utf8'));
/** With Grafana's variables filled in. */
const queries = async (): Promise<string[]> => {
  const { panels, annotations } = await dashboard();
  const all = [...panels.flatMap(({ targets }) => targets), ...annotations.list];
  return all.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$webchat', '.*'));
};
const alerts = (): Promise<string> => readFile(example('alerts.yaml'), 'utf8');

/** The names under which Prometheus has what the server exports. */
const exported = async (): Promise<Set<string>> => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const { visit, scrape } = startOperated(emulator, {});
  await visit('198.51.100.7');
  return new Set((await scrape()).match(/^\w+(?=\{)/gm));
};

const LABELS = /_(webchat_id|outcome|reason|token_state)$/;

/** Metrics of ours that a text names. Where it allows for the Collector's unit, the exporter's name is meant. */
const metricsIn = (text: string): string[] => {
  const names = text.replaceAll('(_seconds)?', '').match(/\b(genesys_guest|http_client)_\w+/g) ?? [];
  return [...new Set(names)].filter((name) => !LABELS.test(name));
};

describe('metrics that exist', () => {
  it.each<[string, number, () => Promise<string>]>([
    [
      'the alerts',
      9,
      async () => [...(await alerts()).matchAll(/expr:([\s\S]*?)(?=\n {8}(?:for|labels):)/g)].join('\n'),
    ],
    ['the dashboard', 20, async () => (await queries()).join('\n')],
    ['its list of deployments', 1, async () => JSON.stringify((await dashboard()).templating)],
  ])('are asked for by %s', async (_name, count, text) => {
    const asked = metricsIn(await text());
    expect(asked).toHaveLength(count);
    const there = await exported();
    expect(asked.filter((name) => !there.has(name))).toEqual([]);
  });

  it('are all on the dashboard', async () => {
    const shown = new Set(metricsIn((await queries()).join('\n')));
    const ours = [...(await exported())].filter((name) => name.startsWith('genesys_guest_'));
    expect(ours.filter((name) => !/_(count|sum)$/.test(name) && !shown.has(name))).toEqual([]);
  });
});

it.runIf(hasPromtool)('the dashboard asks in PromQL that Prometheus reads', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'genesys-guest-dashboard-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const rules = (await queries()).map((expr, i) => ({ record: `query_${i}`, expr }));
  const file = join(dir, 'rules.json');
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  expect(() => execFileSync('promtool', ['check', 'rules', file], { stdio: 'pipe' })).not.toThrow();
});

it('the dashboard marks every alert', async () => {
  const [marked = ''] = (await dashboard()).annotations.list.map(({ expr }) => expr);
  const [, names = ''] = /alertname=~"([^"]+)"/.exec(marked) ?? [];
  const all = [...(await alerts()).matchAll(/alert: (\w+)/g)].map(([, name]) => name as string);
  expect(all.filter((name) => !new RegExp(`^(${names})$`).test(name))).toEqual([]);
});
