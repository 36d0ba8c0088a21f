// A site of several processes and one Redis; on the emulator, unless the environment names an organisation.
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { startEmulator } from '@genesys-guest/emulator';
import { createSite } from './site.js';

const PROCESSES = Number(process.env.PROCESSES ?? 4);
const PORT = Number(process.env.PORT ?? 3000);

/** The first process: starts the others, and one more for each that dies, unless that one never served: the next could not start either. */
const lead = async () => {
  const emulator = process.env.GENESYSCLOUD_REGION ? undefined : await startEmulator();
  const environment = emulator && {
    GENESYSCLOUD_REGION: 'eu-west-1',
    GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
    GENESYSCLOUD_OAUTHCLIENT_SECRET: 'emulator-secret',
    GENESYS_GUEST_WEBCHAT_ID: 'demo-deployment',
    // All processes must have the same: they read each other's tokens and cookies.
    GENESYS_GUEST_SECRETS: randomBytes(32).toString('base64url'),
    ENDPOINTS: JSON.stringify(emulator.endpoints),
  };
  const start = () => cluster.fork(environment);
  for (let i = 0; i < PROCESSES; i += 1) start();

  let stopping = false;
  const served = new WeakSet();
  cluster.on('listening', (worker) => void served.add(worker));
  cluster.on('exit', (worker) => {
    if (!stopping && !served.has(worker)) process.exitCode = 1;
    if (!stopping && served.has(worker)) {
      console.log(`process ${worker.process.pid} died; its guests keep their tokens`);
      start();
    } else if (Object.keys(cluster.workers ?? {}).length === 0) void emulator?.close();
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
    });
  }
  console.log(`http://localhost:${PORT}, answered by ${PROCESSES} processes`);
};

const work = () => {
  const endpoints = process.env.ENDPOINTS;
  const { server, guest } = createSite(endpoints ? { endpoints: JSON.parse(endpoints) } : {});
  server.listen(PORT);
  process.on('SIGINT', () => {
    // Ctrl-C reaches every process; the first one says when to stop.
  });
  process.once('SIGTERM', async () => {
    server.close();
    server.closeIdleConnections();
    await guest.close();
    server.closeAllConnections();
    process.disconnect?.();
  });
};

if (cluster.isPrimary) await lead();
else work();
