// The warm path: `GET /config` of a known visitor with a fresh token, beside bare handlers that answer the same body.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import { alternate, round, start } from './measure.js';

const ROUNDS = 7;
const SECONDS = 3;
const CONNECTIONS = 32;

const hasWrk = () => {
  try {
    execFileSync('sh', ['-c', 'command -v wrk']);
    return true;
  } catch {
    return false;
  }
};

const withWrk = async (url, cookie) => {
  const { stdout } = await promisify(execFile)('wrk', [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${SECONDS}s`,
    '-H',
    `cookie: ${cookie}`,
    url,
  ]);
  if (/Non-2xx/.test(stdout)) throw new Error(`not every answer was good: ${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]);
};

const withAutocannon = async (url, cookie) => {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { cookie },
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error('not every answer was good');
  return result.requests.average;
};

export const warm = async () => {
  const load = hasWrk() ? withWrk : withAutocannon;
  const platform = start('emulator-process.js');
  const { endpoints } = await platform.ready;
  const variants = ['express-bare', 'express-ours', 'http-bare', 'http-ours'];
  const sites = Object.fromEntries(
    variants.map((variant) => [variant, start('warm-process.js', [variant, JSON.stringify(endpoints)])]),
  );
  const runs = {};
  for (const variant of variants) {
    const { url, cookie } = await sites[variant].ready;
    await load(url, cookie);
    runs[variant] = () => load(url, cookie);
  }
  const figures = await alternate(ROUNDS, runs);
  for (const site of Object.values(sites)) site.stop();
  platform.stop();
  const row = (name, ours, bare, goal) => ({
    name,
    figures: `ours ${round(ours, 0)}/s, bare ${round(bare, 0)}/s`,
    ratio: round(ours / bare),
    goal,
  });
  const tool = hasWrk() ? 'wrk' : 'autocannon';
  return [
    row(
      `Warm path on Express 5, against res.json (${tool})`,
      figures['express-ours'],
      figures['express-bare'],
      'at least 1.15',
    ),
    row(
      `Warm path on node:http, against node:http (${tool})`,
      figures['http-ours'],
      figures['http-bare'],
      'at least 0.5',
    ),
  ];
};
