// Serves the page and the chat; everything is on this machine.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const startSite = async (port = 0) => {
  const emulator = await startEmulator();
  const guest = genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
  });
  const app = express();
  app.use('/chat', guest);
  app.use(express.static(here('public')));

  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    emulator,
    guest,
    async close() {
      server.close();
      server.closeAllConnections();
      await guest.close();
      await emulator.close();
    },
  };
};
