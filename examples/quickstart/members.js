// The site's own sign-in, as small as can be: who a member is stands in a signed session cookie.
import express from 'express';

const MEMBERS = new Map([
  ['ada', { id: 'member-1042', name: 'Ada Lindqvist', email: 'ada@shop.example', plan: 'gold' }],
  ['kofi', { id: 'member-2077', name: 'Kofi Mensah', email: 'kofi@shop.example', plan: 'basic' }],
]);

/** The member who is signed in, if any. */
export const memberOf = (req) => MEMBERS.get(req.session?.member ?? '');

/** A real site asks for a password here. */
export const members = () => {
  const router = express.Router();
  router.post('/sign-in', express.json(), (req, res) => {
    const name = String(req.body?.member);
    if (!MEMBERS.has(name)) return void res.sendStatus(400);
    req.session = { member: name };
    res.sendStatus(204);
  });
  router.post('/sign-out', (req, res) => {
    req.session = null;
    res.sendStatus(204);
  });
  return router;
};
