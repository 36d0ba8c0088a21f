// What the small examples have in common: a site with the chat, and a Genesys Cloud, both on this machine.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { startEmulator } from '@genesys-guest/emulator';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';

export const REGION = 'eu-west-1';

/**
 * @param {(app: import('express').Express, emulator: import('@genesys-guest/emulator').Emulator) => unknown} addPages
 *   what the example itself is about
 * @param {number} [port] default 0, any
 */
export const startOnLoopback = async (addPages, port = 0) => {
  const emulator = await startEmulator();
  const guest = genesysGuest({
    region: REGION,
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
  });
  const app = express();
  app.use('/chat', guest);
  await addPages(app, emulator);

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
