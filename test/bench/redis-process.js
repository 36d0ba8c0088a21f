// Four instances of a site on one Redis, and requests of one kind at a steady rate.
import { genesysGuest } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { createClient } from '@redis/client';

const [port, endpoints] = process.argv.slice(2);
const SITE = 'https://www.example.com/chat';

/** Round trips under way and done, so that those in a row can be told from those side by side. */
const trips = { open: 0, row: 0 };
const counted = (client) =>
  new Proxy(client, {
    get: (target, name) => {
      const value = target[name];
      if (name === 'duplicate') return () => counted(target.duplicate());
      if (name !== 'sendCommand') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args) => {
        if (trips.open === 0) trips.row += 1;
        trips.open += 1;
        try {
          return await target.sendCommand(...args);
        } finally {
          trips.open -= 1;
        }
      };
    },
  });

const client = createClient({ url: `redis://127.0.0.1:${port}` }).on('error', () => {});
const log = [];
const note = (line) => log.push(line);
const guests = Array.from({ length: 4 }, () =>
  genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'bench',
    endpoints: JSON.parse(endpoints),
    secrets: ['a secret of the site, long enough'],
    store: redisStore({ client: counted(client) }),
    upstream: { perMinute: 1_000_000 },
    mintsPerMinute: 10,
    logger: { debug() {}, info() {}, warn: note, error: note },
  }),
);

let asked = 0;
const ask = async (method, path, ip, cookie = '') => {
  asked += 1;
  const request = new Request(SITE + path, { method, headers: { cookie } });
  const answer = await guests[asked % guests.length].fetch(request, { ip });
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', text: await answer.text() };
};
const address = () => `2001:db8:${(asked >> 12).toString(16)}:${(asked & 4095).toString(16)}::1`;
const newcomer = async (ip) => (await ask('POST', '/renew', ip)).cookie;

/** More than are asked for at a time: callers of one guest share one look. */
const HOLDERS = 1_000;
for (let i = 0; i < HOLDERS; i += 1) await guests[0].tokens.onboard({ externalId: `holder ${i}` });
const CROWDED = '198.51.100.7';
const crowd = [];
for (let i = 0; i < 60; i += 1) crowd.push(await newcomer(CROWDED));
for (const cookie of crowd) await ask('POST', '/renew', CROWDED, cookie);

const KINDS = {
  // What GET /config asks of Redis, without the cost of HTTP in this process.
  view: () => {
    asked += 1;
    return guests[asked % guests.length].tokens.onboard({ externalId: `holder ${asked % HOLDERS}` });
  },
  issue: async () => {
    const ip = address();
    await ask('POST', '/renew', ip, await newcomer(ip));
  },
  refused: () => ask('POST', '/renew', CROWDED, crowd.at(-1)),
};

const steadily = async (kind, perSecond, seconds) => {
  const TICK = 10;
  const startedAt = performance.now();
  const work = [];
  for (let due = 0; due < perSecond * seconds; ) {
    const until = Math.min(perSecond * seconds, ((performance.now() - startedAt) / 1_000) * perSecond);
    for (; due < until; due += 1) work.push(KINDS[kind]());
    await new Promise((resolve) => setTimeout(resolve, TICK));
  }
  await Promise.all(work);
  return work.length;
};

process.on('message', async ({ kind, once, perSecond, seconds }) => {
  if (!once) {
    const done = await steadily(kind, perSecond, seconds);
    // A machine that is too slow takes Redis for dead, and what was then not asked costs nothing.
    const isGood = log.every((line) => !line.includes('unavailable'));
    return process.send({ done, isGood });
  }
  trips.row = 0;
  await KINDS[kind]();
  process.send({ inARow: trips.row });
});
process.send('ready');
