// What it costs to be seen: audit and telemetry beside the same code without them, and a hung receiver beside none.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { alternate, round, start } from './measure.js';

const ROUNDS = 7;

/** The server's own source, bundled as it is built, but with an observer that hears nothing. */
const bundleBlind = async (outfile) => {
  const source = (path) => fileURLToPath(new URL(`../../packages/server/src/${path}`, import.meta.url));
  await build({
    entryPoints: [source('index.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'blind',
        setup: ({ onResolve }) => {
          const blind = fileURLToPath(new URL('blind-observer.js', import.meta.url));
          onResolve({ filter: /\/observe\/(observer|spans)\.ts$/ }, () => ({ path: blind }));
        },
      },
    ],
  });
};

const startHung = async () => {
  const server = createServer((req) => req.resume()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

export const observe = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-guest-bench-'));
  const blind = join(folder, 'blind.js');
  await bundleBlind(blind);
  const hung = await startHung();
  const platform = start('emulator-process.js');
  const { endpoints } = await platform.ready;
  const run = (work, settings) => async () => {
    const child = start('observe-process.js', [JSON.stringify({ work, endpoints, ...settings })]);
    const figure = await child.ready;
    child.stop();
    return figure;
  };
  const audited = { audit: join(folder, 'audit.jsonl') };
  const warm = await alternate(ROUNDS, {
    without: run('warm', { server: blind }),
    with: run('warm', audited),
  });
  const cold = await alternate(ROUNDS, {
    without: run('cold', { server: blind }),
    with: run('cold', audited),
  });
  const latency = await alternate(ROUNDS, {
    without: run('latency', {}),
    hung: run('latency', { events: hung.url }),
  });
  platform.stop();
  hung.close();
  await rm(folder, { recursive: true, force: true });
  const cost = (name, figures, goal) => ({
    name,
    figures: `with ${round(figures.with, 1)} µs, without ${round(figures.without, 1)} µs`,
    ratio: round(figures.with / figures.without),
    goal,
  });
  return [
    cost('Audit in a file and telemetry: CPU a warm answer', warm, 'at most 1.05'),
    cost('Audit in a file and telemetry: CPU a new token', cold, 'at most 1.1'),
    {
      name: 'Events to a receiver that hangs: median latency of a new token',
      figures: `with ${round(latency.hung)} ms, without ${round(latency.without)} ms`,
      ratio: round(latency.hung / latency.without),
      goal: 'at most 1.05',
    },
  ];
};
