// One instance of a site, with HTTP: serves until SIGTERM, finishes what is under way, and ends by itself.
import { createServer } from 'node:http';
import { genesysGuest } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';

const { url, endpoints, perMinute, secret } = JSON.parse(process.argv[2]);
const guest = genesysGuest({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'chat',
  endpoints,
  secrets: [secret],
  store: redisStore({ url }),
  // Four, and one more while they are replaced.
  upstream: { perMinute, instances: 5 },
  // Each visitor has an address of their own, as the balancer says.
  clientAddress: ({ headers }) => headers['x-address'],
  identify: ({ headers }) => headers['x-member'] && { externalId: headers['x-member'] },
});
const server = createServer(guest).listen(0, '127.0.0.1', () => process.send(server.address().port));

process.once('SIGTERM', async () => {
  // A connection whose answer is out is of no use any more.
  setInterval(() => server.closeIdleConnections(), 50).unref();
  await new Promise((closed) => server.close(closed));
  await guest.close({ timeout: 5_000 });
  process.disconnect();
});
