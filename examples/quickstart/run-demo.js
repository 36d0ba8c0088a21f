// Starts the site on an emulated Genesys Cloud, for the demo and for the tests.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { startEmulator } from '@genesys-guest/emulator';
import express from 'express';
import { addModes } from './modes.js';
import { createSite } from './server.js';

/**
 * @typedef {object} DemoOptions
 * @property {number} [port] of the site; default 0, any
 * @property {number} [emulatorPort] default 0, any
 * @property {number} [tokenLifetime] seconds; default 60
 * @property {import('@genesys-guest/server').GenesysGuestOptions} [guest] options of `genesysGuest`
 */

/** Starts both; a port that is taken gives way to any other. @param {DemoOptions} options */
export const startDemo = async ({ port = 0, emulatorPort = 0, tokenLifetime = 60, guest: more } = {}) => {
  const credentials = { clientId: 'demo-client', clientSecret: 'demo-secret' };
  const emulator = await onPort(emulatorPort, (wanted) =>
    startEmulator({ ...credentials, port: wanted, tokenLifetime, auth: 'upgrade' }),
  );
  const server = await onPort(port, listen);
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  const { app, guest } = await createSite({
    region: 'eu-west-1',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
    ...credentials,
    ...more,
  });
  app.locals.demo = true;
  app.post('/outage', express.json(), outage(emulator));
  const closeModes = addModes({ app, guest, emulator, url });
  server.on('request', app);

  return {
    url,
    emulator,
    guest,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, closeModes()]);
      await guest.close();
      await emulator.close();
    },
  };
};

/** The page's switch: the services behind the tokens fail, and come back. */
const outage = (emulator) => (req, res) => {
  emulator.clearFaults();
  for (const call of req.body?.on ? ['oauthToken', 'guestTokens'] : []) {
    emulator.fault({ call, fault: 'status', status: 503, times: 'always' });
  }
  res.sendStatus(204);
};

/** @returns {Promise<import('node:http').Server>} */
const listen = (port) =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });

/** @template T @param {number} port @param {(port: number) => Promise<T>} start @returns {Promise<T>} */
const onPort = (port, start) =>
  start(port).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return start(0);
  });
