// Serves a page under the strictest policy that Messenger can live with.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { REGION, startOnLoopback } from '@genesys-guest/example-host';
import { cspDirectives } from '@genesys-guest/server';
import helmet from 'helmet';

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

export const startSite = (port) =>
  startOnLoopback(async (app, { endpoints }) => {
    const html = await readFile(new URL('page.html', import.meta.url), 'utf8');
    // `https://apps.<domain of your region>` where Messenger is the real one.
    const page = html.replace('{{messenger}}', new URL(endpoints.bootstrap).origin);
    app.use((_req, res, next) => {
      res.locals.nonce = randomBytes(18).toString('base64');
      next();
    });
    app.use(policy(endpoints));
    app.get('/', (_req, res) => {
      // A nonce is good for one answer: no cache may hold it.
      res.set('Cache-Control', 'no-store').type('html');
      res.send(page.replaceAll('{{nonce}}', res.locals.nonce));
    });
  }, port);
