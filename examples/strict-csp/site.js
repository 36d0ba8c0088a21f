// Serves a page under the strictest policy that Messenger can live with; everything is on this machine.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { cspDirectives, genesysGuest } from '@genesys-guest/server';
import express from 'express';
import helmet from 'helmet';

const REGION = 'eu-west-1';

/** A nonce for each answer; scripts with it run, and what they load themselves, as Messenger does. */
const policy = (endpoints) =>
  helmet({
    contentSecurityPolicy: {
      directives: {
        ...cspDirectives({ region: REGION, endpoints }),
        'script-src': [(_req, res) => `'nonce-${res.locals.nonce}'`, "'strict-dynamic'"],
        'style-src': ["'self'"],
        'require-trusted-types-for': ["'script'"],
        // Ours, and the page's own for Messenger.
        'trusted-types': ['genesys-guest', 'default'],
        // This example is served by plain http; take this line out where you serve https.
        'upgrade-insecure-requests': null,
      },
    },
  });

export const startSite = async (port = 0) => {
  const emulator = await startEmulator();
  const guest = genesysGuest({
    region: REGION,
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
  });
  const html = await readFile(new URL('page.html', import.meta.url), 'utf8');
  // `https://apps.<domain of your region>` where Messenger is the real one.
  const page = html.replace('{{messenger}}', new URL(emulator.endpoints.bootstrap).origin);
  const app = express();
  app.use('/chat', guest);
  app.use((_req, res, next) => {
    res.locals.nonce = randomBytes(18).toString('base64');
    next();
  });
  app.use(policy(emulator.endpoints));
  app.get('/', (_req, res) => {
    // A nonce is good for one answer: no cache may hold it.
    res.set('Cache-Control', 'no-store').type('html');
    res.send(page.replaceAll('{{nonce}}', res.locals.nonce));
  });

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
