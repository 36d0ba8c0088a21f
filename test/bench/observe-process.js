// One site of the benchmark of observing: tells the CPU microseconds of an answer, or the median milliseconds of a token.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { auditFile } from '../../examples/observability/audit-file.js';
import { median } from './measure.js';

const { work, endpoints, server, audit, events } = JSON.parse(process.argv[2]);
const { createGuestTokens, genesysGuest } = await import(server ?? '@genesys-guest/server');

const CONCURRENCY = 32;
const options = {
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'bench',
  endpoints,
  upstream: { perMinute: 1_000_000, concurrency: CONCURRENCY },
  ...(audit && { audit: { sink: auditFile(audit).sink } }),
  ...(events && { events: { url: events, secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` } }),
};

/** Calls `one` so many times, as many at once as calls may be under way. */
const repeat = async (times, one) => {
  let left = times;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

const cpuOf = async (times, one) => {
  await repeat(times / 4, one);
  const before = process.cpuUsage();
  await repeat(times, one);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
};

const issuing = () => {
  const tokens = createGuestTokens(options);
  let next = 0;
  return async () => {
    next += 1;
    if (!(await tokens.onboard({ externalId: `guest ${next}` })).guestToken) throw new Error('no token');
  };
};

/** The client is in this process too: its cost is the same for every variant. */
const answering = async () => {
  const site = createServer(
    genesysGuest({ ...options, secrets: ['a secret of the benchmark, 32 characters'] }),
  );
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${site.address().port}`;
  const first = await fetch(`${origin}/renew`, { method: 'POST' });
  const cookie = first.headers.get('set-cookie').split(';')[0];
  await fetch(`${origin}/renew`, { method: 'POST', headers: { cookie } });
  const pool = new Pool(origin, { connections: CONCURRENCY });
  return async () => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/config', headers: { cookie } });
    await body.dump();
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  };
};

const latency = async () => {
  const one = issuing();
  await repeat(2_000, one);
  const all = [];
  await repeat(10_000, async () => {
    const startedAt = performance.now();
    await one();
    all.push(performance.now() - startedAt);
  });
  return median(all);
};

const works = {
  warm: async () => cpuOf(40_000, await answering()),
  cold: () => cpuOf(20_000, issuing()),
  latency,
};
process.send(await works[work]());
