// The endpoints of signed-in members on a mount, beside what the site has put in front of it.
import express from 'express';
import session from 'express-session';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { CLIENT_ID, createRig } from '../members/testing/rig.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { crossSite, mountOf, onBare, other } from '../testing/site.ts';

const handlerOf = ({ members } = createRig(), options: GenesysGuestOptions = {}) =>
  mountOf(fakeTokens(), options, {}, { endpoints: members.endpoints }).handler;

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

const site = (options?: GenesysGuestOptions) => request(onBare(handlerOf(createRig(), options)).server);

const DISCOVERY = '/oidc/.well-known/openid-configuration';
const PUBLIC = [DISCOVERY, '/oidc/jwks'];
const PATHS = [...PUBLIC, '/auth-code', '/oidc/token', '/oidc/userinfo', '/oidc/authorize'];

it.each(PATHS)('only discovery and JWKS are public, whatever is listed: %s', async (path) => {
  const isPublic = PUBLIC.includes(path);
  for (const method of ['options', 'delete', 'get'] as const) {
    if (path === '/auth-code' && method === 'get') continue;
    const { headers } = await site(crossSite)[method](path).query('client_id=nobody').set('Origin', other);
    expect(headers['access-control-allow-origin']).toBe(isPublic ? '*' : undefined);
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const allowed = isPublic && method === 'options' ? 'GET, HEAD, OPTIONS' : undefined;
    expect(headers['access-control-allow-methods']).toBe(allowed);
    const isCacheable = isPublic && method === 'get';
    expect(headers['cache-control']).toBe(isCacheable ? 'public, max-age=3600' : 'no-store');
    expect(headers['vary']).toBe(isCacheable ? 'Accept-Encoding' : 'Cookie, Origin');
  }
});

it.each([
  ['/auth-code', 'get', 'POST, OPTIONS'],
  ['/oidc/token', 'get', 'POST, OPTIONS'],
  [DISCOVERY, 'post', 'GET, HEAD, OPTIONS'],
  ['/oidc/jwks', 'post', 'GET, HEAD, OPTIONS'],
  ['/oidc/userinfo', 'put', 'GET, HEAD, POST, OPTIONS'],
  ['/oidc/authorize', 'delete', 'GET, HEAD, POST, OPTIONS'],
] as const)('%s takes no %s', async (path, method, allow) => {
  const { status, headers, body } = await site()[method](path);
  expect([status, headers['allow']]).toEqual([405, allow]);
  expect(body).toMatchObject({ code: 'method_not_allowed', status: 405 });
});

it('does not tell upper from lower case, and leaves other paths to the site', async () => {
  expect((await site().get(DISCOVERY.toUpperCase())).status).toBe(200);
  for (const path of ['/', '/oidc', '/oidc/', '/oidc/token/', '/constructor', '/__proto__']) {
    expect((await site().get(path)).status).toBe(404);
  }
});

it.each(['https://evil.example', other])(
  'gives a page of %s no code, before anything is asked of the site',
  async (origin) => {
    const identify = vi.fn(() => ({ externalId: 'member-1' }));
    const agent = site({ ...crossSite, identify });
    const { status, body } = await agent.post('/auth-code').set('Origin', origin).send({});
    expect([status, body.code]).toEqual([403, 'origin_forbidden']);
    expect(identify).not.toHaveBeenCalled();
    expect((await agent.post('/oidc/token').set('Origin', origin)).status).toBe(400);
  },
);
