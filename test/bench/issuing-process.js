// Issues tokens for distinct guests, with our server or with undici alone, in a process that has done nothing before.
const TOKENS = 6_000;
const CALLERS = 128;
const CONNECTIONS = 64;

const [variant, endpointsJson] = process.argv.slice(2);
const endpoints = JSON.parse(endpointsJson);
const webchatId = 'bench';

const bare = async () => {
  const { Pool, request } = await import('undici');
  const accessToken = async () => {
    const { body } = await request(endpoints.oauthToken, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa('emulator-client:emulator-secret')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    return (await body.json()).access_token;
  };
  const { origin, pathname } = new URL(endpoints.guestTokens);
  const pool = new Pool(origin, { connections: CONNECTIONS });
  let granted;
  return async (externalId) => {
    granted ??= accessToken();
    const answer = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { authorization: `Bearer ${await granted}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        externalId,
        webchatId,
        expirationTime: new Date(Date.now() + 86_400_000).toISOString(),
      }),
    });
    return (await answer.body.json()).token;
  };
};

const ours = async () => {
  const { createGuestTokens } = await import('@genesys-guest/server');
  const tokens = createGuestTokens({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId,
    endpoints,
    upstream: { perMinute: 1_000_000, concurrency: CONNECTIONS },
  });
  return async (externalId) => (await tokens.onboard({ externalId })).guestToken;
};

const issue = await (variant === 'bare' ? bare() : ours());

const issueAll = async () => {
  let issued = 0;
  const caller = async () => {
    while (issued < TOKENS) {
      issued += 1;
      if (!(await issue(`guest ${issued}`))) throw new Error('no token');
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
};

process.on('message', async () => {
  const before = process.cpuUsage();
  await issueAll();
  const { user, system } = process.cpuUsage(before);
  process.send({ cpu: (user + system) / TOKENS });
});
process.send('ready');
