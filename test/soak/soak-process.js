// One instance of the soak: visitors come, come back and go; tokens expire.
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';

const [port, endpoints, perMinute] = process.argv.slice(2);
/** Each guest comes back for a while; then another takes the place. */
const GUESTS = 100;
/** Seconds that a guest is there, and that a token lives: short, so that tokens leave Redis while the soak runs. */
const STAY = 60;
const LIFETIME = 180;

/** Times that Redis was taken to be away: a machine that is too busy does not hear it in time. */
let away = 0;

/** Once, when Redis is there: who starts before it is shared issues for itself. */
let begin = () => {
  begin = () => {};
  process.send('ready');
  void visits();
};

const tokens = createGuestTokens({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'soak',
  endpoints: JSON.parse(endpoints),
  secrets: ['a secret of the site, long enough'],
  store: redisStore({ url: `redis://127.0.0.1:${port}`, max: 200 }),
  upstream: { perMinute: Number(perMinute) },
  tokenLifetime: LIFETIME,
  renewBefore: 1,
  logger: {
    debug() {},
    info: (line) => line.includes('is connected') && begin(),
    error() {},
    warn: (line) => {
      if (line.includes('unavailable')) away += 1;
    },
  },
});

let requests = 0;
let failed = 0;

const visits = async () => {
  for (let i = 0; ; i += 1) {
    // Both instances have the same guests: of two who meet, one issues.
    const round = Math.floor(Date.now() / (STAY * 1_000));
    requests += 1;
    await tokens.onboard({ externalId: `guest ${i % GUESTS} of ${round}` }).catch(() => {
      failed += 1;
    });
    await sleep(10);
  }
};

process.on('message', () => {
  globalThis.gc();
  const { heapUsed } = process.memoryUsage();
  process.send({ heap: heapUsed, handles: process.getActiveResourcesInfo().length, away, requests, failed });
});
