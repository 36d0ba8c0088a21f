// The quickstart site. What a site adds to have the chat stands between the two lines; the rest it has already.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cspDirectives, genesysGuest } from '@genesys-guest/server';
import cookieSession from 'cookie-session';
import express from 'express';
import helmet from 'helmet';
import { memberOf, members } from './members.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @param {import('@genesys-guest/server').GenesysGuestOptions} options what the environment does not say */
export const createSite = async (options = {}) => {
  const app = express();
  const page = await readFile(here('page.html'), 'utf8');
  const { region = process.env.GENESYSCLOUD_REGION ?? '', endpoints } = options;

  app.use(cookieSession({ keys: [process.env.SESSION_SECRET ?? randomBytes(32).toString('hex')] }));

  // ---------------------------------------------------------------------------------------------------
  const guest = genesysGuest({
    // Who is signed in, by this site's own session. Visitors who are not are anonymous guests.
    identify: (req) => {
      const member = memberOf(req);
      return member && { externalId: member.id, attributes: { name: member.name, plan: member.plan } };
    },
    ...options,
  });
  app.use('/chat', guest);
  // ---------------------------------------------------------------------------------------------------

  app.use(nonce, contentSecurityPolicy({ region, endpoints }));
  app.use(members());
  app.get('/', (_req, res) => {
    res.set('Cache-Control', 'no-store').type('html');
    res.send(page.replaceAll('{{nonce}}', res.locals.nonce).replace('{{demo}}', String(!!app.locals.demo)));
  });
  app.use(express.static(here('public')));
  return { app, guest };
};

/** @type {import('express').RequestHandler} */
const nonce = (_req, res, next) => {
  res.locals.nonce = randomBytes(18).toString('base64');
  next();
};

/** A strict policy: only scripts with this answer's nonce run, and what they load themselves, as Messenger does. */
const contentSecurityPolicy = (genesys) =>
  helmet({
    contentSecurityPolicy: {
      directives: {
        ...cspDirectives(genesys),
        'script-src': [(_req, res) => `'nonce-${res.locals.nonce}'`, "'strict-dynamic'"],
        'style-src': ["'self'"],
        // This example is served by plain http; take this line out where you serve https.
        'upgrade-insecure-requests': null,
      },
    },
  });
