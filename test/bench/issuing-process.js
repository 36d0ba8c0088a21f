// Issues tokens for distinct guests, with our server or with undici alone, and tells the CPU time a token.
import { createGuestTokens } from '@genesys-guest/server';
import { Pool } from 'undici';

const WARM_UP = 5_000;
const TOKENS = 20_000;
const CONCURRENCY = 32;

const [variant, endpointsJson] = process.argv.slice(2);
const endpoints = JSON.parse(endpointsJson);
const webchatId = 'bench';

const bare = async () => {
  const grant = await fetch(endpoints.oauthToken, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('emulator-client:emulator-secret')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const { access_token: accessToken } = await grant.json();
  const { origin, pathname } = new URL(endpoints.guestTokens);
  const pool = new Pool(origin, { connections: CONCURRENCY });
  return async (externalId) => {
    const answer = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        externalId,
        webchatId,
        expirationTime: new Date(Date.now() + 86_400_000).toISOString(),
      }),
    });
    return (await answer.body.json()).token;
  };
};

const ours = () => {
  const tokens = createGuestTokens({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId,
    endpoints,
    upstream: { perMinute: 1_000_000, concurrency: CONCURRENCY },
  });
  return async (externalId) => (await tokens.onboard({ externalId })).guestToken;
};

const issue = variant === 'bare' ? await bare() : ours();

let next = 0;
const issueMany = async (count) => {
  const last = next + count;
  const worker = async () => {
    while (next < last) {
      next += 1;
      if (!(await issue(`guest ${next}`))) throw new Error('no token');
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

await issueMany(WARM_UP);
const before = process.cpuUsage();
await issueMany(TOKENS);
const { user, system } = process.cpuUsage(before);
process.send((user + system) / TOKENS);
