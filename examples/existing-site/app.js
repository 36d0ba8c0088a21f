// A site that was there before the chat: Express 4, CommonJS, pages rendered on the server, a session by cookie.
const { randomBytes } = require('node:crypto');
const cookieSession = require('cookie-session');
const express = require('express');
const { genesysGuest } = require('@genesys-guest/server');
const pages = require('./pages.js');

/** The site's members; a real one asks its database, and for a password. */
const MEMBERS = new Map([
  ['ada', { id: 'member-1042', name: 'Ada Lindqvist', plan: 'gold' }],
  ['kofi', { id: 'member-2077', name: 'Kofi Mensah', plan: 'basic' }],
]);

const memberOf = (req) => MEMBERS.get(req.session?.login ?? '');

/** @param {import('@genesys-guest/server').GenesysGuestOptions} [options] what the environment does not say */
exports.createApp = (options) => {
  const app = express();
  app.use(cookieSession({ keys: [process.env.SESSION_SECRET ?? randomBytes(32).toString('hex')] }));

  // The chat: a signed-in member is known to the agent by id and plan, everyone else is an anonymous guest.
  // `identify` reads the session, so this comes after it, and is asked often, so it does not ask the database.
  const guest = genesysGuest({
    identify: (req) => {
      const member = memberOf(req);
      return member && { externalId: member.id, attributes: { plan: member.plan } };
    },
    ...options,
  });
  app.use('/chat', guest);

  app.use(express.static(`${__dirname}/public`));
  app.get('/', (req, res) => res.send(pages.home(memberOf(req))));
  app.post('/sign-in', express.urlencoded({ extended: false }), (req, res) => {
    const login = String(req.body.login);
    if (!MEMBERS.has(login)) return res.status(400).send(pages.home(undefined));
    req.session = { login };
    res.redirect(303, '/');
  });
  app.post('/sign-out', (req, res) => {
    // The token of someone who has left is of no use to anyone.
    const member = memberOf(req);
    if (member) guest.tokens.forget(member.id).catch(console.error);
    req.session = null;
    res.redirect(303, '/');
  });
  return { app, guest };
};
