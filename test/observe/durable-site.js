// A site whose events wait in Redis, as a process that can be killed: it says of each guest when it has its token.
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';

const { redis, endpoints, url, secret, guests, name } = JSON.parse(process.argv[2]);

const tokens = createGuestTokens({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'chat',
  endpoints,
  secrets: ['a secret of the sites, 32 characters'],
  store: redisStore({ url: redis }),
  upstream: { perMinute: 1_000_000 },
  events: { url, secret, durable: true },
});

let next = 0;
const worker = async () => {
  while (next < guests) {
    next += 1;
    const externalId = `${name} ${next}`;
    await tokens.onboard({ externalId });
    // A pipe is written to at once: what was said was said before the end.
    process.stdout.write(`${externalId}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, worker));
process.stdout.write('done\n');
process.on('SIGTERM', () => void tokens.close().then(() => process.exit(0)));
setInterval(() => {}, 60_000);
