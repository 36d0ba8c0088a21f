// The soak: two instances on one Redis under a steady load, for an hour or so many minutes: what grows, and what is not kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { start } from '../bench/measure.js';
import { picture } from './picture.js';

const PORT = 16_391;
const PER_MINUTE = 300;
/** What is held at the end, against the first sample after so many minutes: tokens have come and gone by then. */
const GROWTH = 1.3;
const WARM = 5;

const minutes = Number(process.argv[2] ?? 60);
if (!(minutes > 0 && minutes <= 1_440)) {
  console.error('Usage: pnpm soak [minutes, at most 1440]');
  process.exit(2);
}

const redis = spawn('redis-server', ['--port', String(PORT), '--bind', '127.0.0.1', '--save', ''], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
for await (const chunk of redis.stdout) if (String(chunk).includes('Ready to accept')) break;
redis.stdout.resume();
const client = createClient({ url: `redis://127.0.0.1:${PORT}` });
await client.connect();
const platform = start('emulator-process.js');
const { endpoints } = await platform.ready;
const stats = async () => (await fetch(new URL('/_emulator/stats', endpoints.oauthToken))).json();
const instances = [0, 1].map(() =>
  start(
    '../soak/soak-process.js',
    [String(PORT), JSON.stringify(endpoints), String(PER_MINUTE)],
    ['--expose-gc'],
  ),
);
await Promise.all(instances.map(({ ready }) => ready));

const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 60_000;
const samples = [];
const EVERY = Math.max(5_000, (minutes * 60_000) / 120);
while (elapsed() < minutes) {
  await sleep(EVERY);
  const [each, { busiestMinute, perGuest }, keys] = await Promise.all([
    Promise.all(instances.map((instance) => instance.ask('sample'))),
    stats(),
    client.dbSize(),
  ]);
  const sum = (name) => each.reduce((total, sample) => total + sample[name], 0);
  samples.push({
    minute: Number(elapsed().toFixed(2)),
    heapMiB: Number((sum('heap') / 2 ** 20).toFixed(1)),
    handles: sum('handles'),
    keys,
    /** No guest lives longer than a token: each is due one. */
    duplicates: perGuest.issued - perGuest.guests,
    busiestMinute: busiestMinute.all,
    away: sum('away'),
    requests: sum('requests'),
    failed: sum('failed'),
  });
  console.log(JSON.stringify(samples.at(-1)));
}
for (const instance of instances) instance.stop();
platform.stop();
client.destroy();
redis.kill();
await once(redis, 'exit');

await writeFile(
  new URL('soak.json', import.meta.url),
  `${JSON.stringify({ minutes, perMinute: PER_MINUTE, samples }, null, 2)}\n`,
);
await writeFile(new URL('soak.svg', import.meta.url), picture(samples, PER_MINUTE));

const last = samples.at(-1);
const warm = samples.find(({ minute }) => minute >= WARM) ?? last;
const wrong = [
  last.failed > 0 && `${last.failed} answers failed`,
  last.duplicates > 0 && last.away === 0 && `${last.duplicates} tokens were issued twice`,
  last.busiestMinute > PER_MINUTE && `${last.busiestMinute} calls left in 60 s`,
  ...['heapMiB', 'handles', 'keys'].map(
    (name) => last[name] > warm[name] * GROWTH && `${name} grew from ${warm[name]} to ${last[name]}`,
  ),
].filter(Boolean);
console.log(
  wrong.length > 0
    ? `WRONG: ${wrong.join('; ')}`
    : `${last.requests} requests in ${minutes} minutes: none failed${minutes > WARM ? ', nothing grew' : ''}; Redis was away ${last.away} times`,
);
process.exitCode = wrong.length > 0 ? 1 : 0;
