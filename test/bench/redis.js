// What Redis costs: commands, CPU and bytes of each kind of request, by Redis' own count at 2,000 page views a second.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { round, start } from './measure.js';

const PORT = 16_390;
const SECONDS = 10;
/** The cost is computed for so many times what is measured: 20,000 page views a second. */
const TIMES = 10;

const startRedis = async () => {
  const flags = ['--port', String(PORT), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  server.stdout.resume();
  return server;
};

/** Redis' own figures: CPU in µs, bytes, and calls of each command that came by itself. */
const figures = async (client) => {
  const info = await client.info('all');
  const number = (name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  const calls = (name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
  return {
    cpu: (number('used_cpu_sys') + number('used_cpu_user')) * 1e6,
    bytes: number('total_net_input_bytes') + number('total_net_output_bytes'),
    scripts: calls('eval'),
    published: calls('publish'),
  };
};

/** Commands of one request as MONITOR shows them: those from a client, not those from a script. */
const monitored = async (child, kind) => {
  const watching = createClient({ url: `redis://127.0.0.1:${PORT}` });
  await watching.connect();
  const names = [];
  await watching.monitor((line) => {
    const [, from, name] = /\[\d+ (\S+)\] "(\w+)"/.exec(line) ?? [];
    if (from && from !== 'lua') names.push(name.toLowerCase());
  });
  await child.ask({ kind, once: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  watching.destroy();
  return names;
};

/** What is asked, how often a second, and the goal. */
const KINDS = {
  view: ['a page view of a visitor with a token', 2_000, 'under 30% of a core'],
  issue: ['a first token, cookie and token in two requests', 20, 'scripts of an issue: three in a row'],
  refused: ['a POST of an address over its limit', 200, 'no script, no broadcast'],
};

const measure = async (client, child, [kind, [name, perSecond, goal]]) => {
  const names = await monitored(child, kind);
  const { inARow } = await child.ask({ kind, once: true });
  const before = await figures(client);
  const { done, isGood } = await child.ask({ kind, perSecond, seconds: SECONDS });
  const after = await figures(client);
  if (!isGood)
    throw new Error('this machine is too slow now: Redis was taken for dead, and nothing was measured');
  const each = (what, digits = 0) => round((after[what] - before[what]) / done, digits);
  const core = ((after.cpu - before.cpu) / SECONDS / 1e4) * TIMES;
  return {
    name: `Redis: ${name}`,
    figures: `${names.join(', ')}; at most ${inARow} in a row; ${each('scripts', 1)} scripts, ${each('published', 1)} published, ${each('cpu')} µs and ${each('bytes')} bytes each, by ${round(done / SECONDS, 0)} a second`,
    ratio: `${round(core, 1)}% of a core, computed for ${perSecond * TIMES} a second`,
    goal,
  };
};

export const redis = async () => {
  const server = await startRedis();
  const client = createClient({ url: `redis://127.0.0.1:${PORT}` });
  const platform = start('emulator-process.js');
  let child;
  try {
    await client.connect();
    const { endpoints } = await platform.ready;
    child = start('redis-process.js', [String(PORT), JSON.stringify(endpoints)]);
    await child.ready;
    const rows = [];
    for (const kind of Object.entries(KINDS)) rows.push(await measure(client, child, kind));
    return rows;
  } finally {
    child?.stop();
    platform.stop();
    client.destroy();
    server.kill();
    await once(server, 'exit');
  }
};
