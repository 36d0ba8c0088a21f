// The endpoints of signed-in members on a mount, beside what the site has put in front of it.
import express from 'express';
import session from 'express-session';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { CLIENT_ID, createRig } from '../members/testing/rig.ts';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { mountOf } from '../testing/site.ts';

const handlerOf = ({ members } = createRig()) =>
  mountOf(fakeTokens(), {}, {}, { routers: [members] }).handler;

describe('what is public, behind a session of the site', () => {
  it.each(['/oidc/jwks', '/oidc/.well-known/openid-configuration'])(
    'carries nobody’s cookie: %s',
    async (path) => {
      const app = express();
      app.use(session({ secret: 's', resave: false, saveUninitialized: true, cookie: { secure: false } }));
      app.use((_req, res, next) => {
        res.cookie('earlier', '1');
        next();
      });
      app.use('/chat', handlerOf());
      const { status, headers } = await request(app).get(`/chat${path}`);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=3600']);
      expect(headers['set-cookie']).toBeUndefined();
      // What no cache keeps has the cookies of the site, as before.
      const own = await request(app).get(`/chat/oidc/authorize?client_id=${CLIENT_ID}`);
      expect([own.headers['cache-control'], own.headers['set-cookie']?.length]).toEqual(['no-store', 2]);
    },
  );
});
