// What an operator has of a site: its log, its health, its metrics as Prometheus reads them, its alerts and the doctor.
import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { onTestFinished } from 'vitest';
import { emulated } from '../emulated.ts';
import { SECRET } from '../redis/instances.ts';

export const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/observability/${name}`, import.meta.url));

/** The exporter of the example, which has it installed. */
const { PrometheusExporter } = createRequire(example('package.json'))('@opentelemetry/exporter-prometheus');

const CLI = fileURLToPath(new URL('../../packages/cli/dist/cli.js', import.meta.url));
const SITE = 'https://www.example.com/chat';

export const startOperated = (
  endpoints: Parameters<typeof emulated>[0],
  options: Partial<GenesysGuestOptions<Request>>,
) => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.disable();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  const lines: string[] = [];
  const note = (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
    void lines.push([message, fields['reason']].filter(Boolean).join(': '));
  const guest = genesysGuest<Request>({
    ...emulated(endpoints),
    webchatId: 'chat',
    secrets: [SECRET],
    logger: { debug: () => {}, info: () => {}, warn: note, error: note },
    ...options,
  });
  onTestFinished(async () => {
    await guest.close({ timeout: 1_000 });
    metrics.disable();
  });
  const ask = async (ip: string, cookie = '') => {
    const request = new Request(`${SITE}/renew`, { method: 'POST', headers: { cookie } });
    const answer = await guest.fetch(request, { ip });
    return { status: answer.status, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
  /** A newcomer, who takes the cookie and comes back with it. @returns the status of the answer */
  const visit = async (ip: string): Promise<number> => (await ask(ip, (await ask(ip)).cookie)).status;
  const scrape = (): Promise<string> =>
    new Promise((resolve) => {
      const response = { setHeader: () => {}, end: resolve } as unknown as ServerResponse;
      exporter.getMetricsRequestHandler({} as IncomingMessage, response);
    });
  return { guest, lines, visit, scrape };
};

/** Metrics that go up with what happens; the others say what is so. */
const isCounter = (name: string): boolean => /_(total|bucket|count|sum)$/.test(name);

/**
 * Runs the rules of the example on what was scraped: for half an hour it is as it is, and what has happened happens again
 * each minute.
 * @param alerts that must fire, and no others @throws Error with what promtool says
 */
export const expectAlerts = async (
  scraped: string,
  alerts: readonly string[],
  file: string,
): Promise<void> => {
  const samples = [...scraped.matchAll(/^(\w+)(\{.*\}) (\d\S*)/gm)];
  const test = {
    rule_files: [example('alerts.yaml')],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: samples.map(([, name = '', labels, value]) => ({
          series: `${name}${labels}`,
          values: isCounter(name) ? `0+${value}x30` : `${value}x30`,
        })),
        promql_expr_test: [
          {
            expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
            eval_time: '25m',
            exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
          },
        ],
      },
    ],
  };
  await writeFile(file, JSON.stringify(test));
  execFileSync('promtool', ['test', 'rules', file], { stdio: 'pipe' });
};

/** The first thing that the doctor finds wrong. */
export const firstFinding = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const set = {
      PATH: process.env['PATH'],
      GENESYSCLOUD_REGION: 'eu-west-1',
      GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
      GENESYSCLOUD_OAUTHCLIENT_SECRET: 'emulator-secret',
      GENESYS_GUEST_WEBCHAT_ID: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
      // A comma would separate two.
      GENESYS_GUEST_SECRETS: SECRET.replaceAll(',', ''),
      ...env,
    };
    execFile(process.execPath, [CLI, 'doctor', '--json', ...args], { env: set }, (_error, stdout, stderr) => {
      if (stdout === '') return reject(new Error(stderr));
      const { findings } = JSON.parse(stdout) as { findings: { status: string; message: string }[] };
      const wrong =
        findings.find(({ status }) => status === 'fail') ?? findings.find(({ status }) => status === 'warn');
      resolve(wrong?.message ?? 'nothing');
    });
  });
