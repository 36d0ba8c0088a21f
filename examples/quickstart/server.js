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

/** Who is signed in, by this site's own session. Visitors who are not are anonymous guests. */
export const identify = (req) => {
  const member = memberOf(req);
  if (!member) return undefined;
  const { id, name, plan, email } = member;
  const [given_name, family_name] = name.split(' ');
  // `claims` are for members alone: the agent sees them as proven.
  return { externalId: id, attributes: { name, plan }, claims: { email, given_name, family_name } };
};

/** @param {import('@genesys-guest/server').GenesysGuestOptions} options what the environment does not say */
export const createSite = async (options = {}) => {
  const app = express();
  const page = await readFile(here('page.html'), 'utf8');
  const { region = process.env.GENESYSCLOUD_REGION ?? '', endpoints } = options;

  app.use(cookieSession({ keys: [process.env.SESSION_SECRET ?? randomBytes(32).toString('hex')] }));

  // ---------------------------------------------------------------------------------------------------
  const guest = genesysGuest({ identify, ...options });
  app.use('/chat', guest);
  // ---------------------------------------------------------------------------------------------------

  app.use(nonce, contentSecurityPolicy({ region, endpoints }));
  app.use(members());
  app.get('/', (req, res) => {
    const { mounts = {}, demo = false } = app.locals;
    const mode = Object.hasOwn(mounts, String(req.query.mode)) ? String(req.query.mode) : 'guests';
    const values = { nonce: res.locals.nonce, demo, mode, mount: mounts[mode] ?? '/chat' };
    res.set('Cache-Control', 'no-store').type('html');
    res.send(page.replace(/{{(\w+)}}/g, (_, name) => String(values[name])));
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
