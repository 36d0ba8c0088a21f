// One instance of a site, as a process of its own: told by its parent what to do, over the channel that fork() gives.
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';

const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));

let tokens;
const log = [];
const note = (level) => (message) => log.push(`${level} ${message}`);

const onboard = async (externalId) => {
  try {
    return { token: (await tokens.onboard({ externalId })).guestToken };
  } catch (error) {
    return { code: error.code ?? String(error), retryAfter: error.retryAfter };
  }
};

const tally = (answers) => {
  const codes = {};
  for (const { code = 'ok' } of answers) codes[code] = (codes[code] ?? 0) + 1;
  return { codes, tokens: [...new Set(answers.map(({ token }) => token).filter(Boolean))] };
};

const orders = {
  open: async ({ url, endpoints, secrets, upstream, tokenLifetime, prefix }) => {
    tokens = createGuestTokens({
      region: 'eu-west-1',
      clientId: 'emulator-client',
      clientSecret: 'emulator-secret',
      webchatId: WEBCHAT,
      endpoints,
      secrets,
      store: redisStore({ url, prefix }),
      upstream,
      tokenLifetime,
      logger: { debug: () => {}, info: note('info'), warn: note('warn'), error: note('error') },
    });
    // A process that starts beside others on few cores takes a while to connect; what is tested comes after that.
    for (let looks = 0; looks < 1_000 && !log.some((line) => line.includes('Redis')); looks += 1)
      await wait(10);
  },
  onboard: ({ externalId }) => onboard(externalId),
  /** Many at once for one guest. */
  stampede: async ({ externalId, calls }) =>
    tally(await Promise.all(Array.from({ length: calls }, () => onboard(externalId)))),
  /** Many guests, `atOnce` at a time. */
  load: async ({ name, guests, atOnce, pause = 0 }) => {
    const answers = [];
    for (let i = 0; i < guests; i += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, guests - i) }, (_, j) =>
        onboard(`${name} ${i + j}`),
      );
      answers.push(...(await Promise.all(some)));
      if (pause > 0) await wait(pause);
    }
    const { codes, tokens } = tally(answers);
    return { codes, distinct: tokens.length };
  },
  forget: ({ externalId }) => tokens.forget(externalId),
  telemetry: () => tokens.telemetry(),
  log: () => log,
  unhandled: () => unhandled,
  close: async () => {
    await tokens.close();
    process.disconnect();
  },
};

process.on('message', async ({ id, order, args }) => {
  const answer = await Promise.resolve(orders[order](args ?? {})).then(
    (value) => ({ id, value }),
    (error) => ({ id, error: String(error?.stack ?? error) }),
  );
  if (process.connected) process.send(answer);
});
