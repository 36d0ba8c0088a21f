// What pages are told: every route, on Express and on a bare server.
import { describe, expect, it } from 'vitest';
import { fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { WEBCHAT } from '../testing/rig.ts';
import { cookieOf, identify, MOUNTS, member, other, setCookieOf, start, visitor } from '../testing/site.ts';

describe.each(MOUNTS)('on %s', (_name, mount) => {
  describe('GET /config', () => {
    it('tells a stranger to ask again at once, without cookie, id, token or call', async () => {
      const site = start(mount);
      const { status, body, headers } = await site.get('/config');
      expect(status).toBe(200);
      expect(body).toEqual({
        environment: 'mypurecloud.ie',
        webchatId: WEBCHAT,
        renewIn: 0,
        messenger: {
          bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
          environment: 'prod-euw1',
          deploymentId: WEBCHAT,
        },
      });
      expect(headers['set-cookie']).toBeUndefined();
      expect(site.service.calls).toHaveLength(0);
    });

    it('is private to the visitor and written in one go', async () => {
      const { headers } = await start(mount).get('/config');
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        vary: 'Cookie, Origin',
        'content-type': 'application/json; charset=utf-8',
        'content-length': expect.stringMatching(/^\d+$/),
      });
      expect(headers['transfer-encoding']).toBeUndefined();
    });

    it('gives a known visitor the token at hand', async () => {
      const site = start(mount, { identify });
      await site.post('/renew');
      const { body } = await site.get('/config');
      expect(body).toMatchObject({
        externalId: 'member-1',
        guestToken: 'token of member-1',
        expirationTime: '2026-11-23T13:00:00.000Z',
        expiresIn: 3_600,
        renewIn: 3_300,
        attributes: { plan: 'gold' },
      });
    });

    it('gives an ageing token and asks for its renewal at once', async () => {
      const site = start(mount, { identify });
      site.service.tokens.set(`${WEBCHAT} member-1`, fakeToken(member, 60));
      const { body } = await site.get('/config');
      expect(body).toMatchObject({ guestToken: 'token of member-1', expiresIn: 60, renewIn: 0 });
      expect(site.service.calls).toHaveLength(0);
    });

    it('gives a token for older attributes and asks for its renewal at once', async () => {
      const service = fakeTokens();
      service.find = async () => ({ state: 'changed', token: fakeToken(member) });
      const { body } = await start(mount, { identify }, service).get('/config');
      expect(body).toMatchObject({ guestToken: 'token of member-1', expiresIn: 3_600, renewIn: 0 });
    });

    it('keeps an expired token to itself', async () => {
      const site = start(mount, { identify });
      site.service.tokens.set(`${WEBCHAT} member-1`, fakeToken(member, -1));
      const { body } = await site.get('/config');
      expect(body).toMatchObject({ externalId: 'member-1', renewIn: 0 });
      expect(body).not.toHaveProperty('guestToken');
    });

    it('answers HEAD with the same headers and no body', async () => {
      const site = start(mount);
      const [get, head] = [await site.get('/config'), await site.head('/config')];
      expect(head.status).toBe(200);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
      expect(head.text).toBeUndefined();
    });
  });

  describe('POST /renew', () => {
    it('gives a first-time visitor the cookie and nothing else', async () => {
      const site = start(mount);
      const { status, body, headers } = await site.post('/renew');
      expect(status).toBe(200);
      expect(body.renewIn).toBe(0);
      expect(body).not.toHaveProperty('externalId');
      expect(setCookieOf(headers)).toMatch(
        /^__Host-genesys-guest-[0-9a-f]{8}=v1\.[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
      expect(site.service.calls).toHaveLength(0);
    });

    it('gives the token to whoever kept the cookie, under one id', async () => {
      const site = start(mount);
      const cookie = await visitor(site);
      const { body, headers } = await site.post('/renew').set('Cookie', cookie);
      expect(body.externalId).toMatch(/^guest-[\w-]{24}$/);
      expect(body.guestToken).toBe(`token of ${body.externalId}`);
      expect(headers['set-cookie']).toBeUndefined();
      const again = await site.get('/config').set('Cookie', cookie);
      expect(again.body.guestToken).toBe(body.guestToken);
      expect(site.service.calls).toHaveLength(1);
    });

    it.each([
      ['forged', (cookie: string) => `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`],
      ['truncated', (cookie: string) => cookie.slice(0, -8)],
      ['doubled with another', (cookie: string) => `${cookie}; ${cookie}x`],
      ['of another deployment', (cookie: string) => cookie.replace(/guest-[0-9a-f]{8}/, 'guest-00000000')],
      ['huge', (cookie: string) => `${cookie}${'x'.repeat(5_000)}`],
    ])('takes a cookie that is %s for none', async (_what, change) => {
      const site = start(mount);
      const cookie = await visitor(site);
      const { body, headers } = await site.post('/renew').set('Cookie', change(cookie));
      expect(body).not.toHaveProperty('externalId');
      expect(headers['set-cookie']).toBeDefined();
      expect(site.service.calls).toHaveLength(0);
    });

    it('reads a cookie that comes twice the same', async () => {
      const site = start(mount);
      const cookie = await visitor(site);
      const { body } = await site.post('/renew').set('Cookie', `a=b; ${cookie}; ${cookie}`);
      expect(body.guestToken).toBeDefined();
    });

    it('signs anew, with its first time of issue, what an older key has signed', async () => {
      const [old, young] = ['o'.repeat(32), 'y'.repeat(32)];
      const cookie = await visitor(start(mount, { secrets: [old] }));
      const site = start(mount, { secrets: [young, old] });
      const { headers, body } = await site.post('/renew').set('Cookie', cookie);
      const [, , issued] = cookie.split('=')[1]?.split('.') ?? [];
      expect(cookieOf(headers)).not.toBe(cookie);
      expect(cookieOf(headers).split('.')[2]).toBe(issued);
      const next = start(mount, { secrets: [young] }, site.service);
      const later = await next.post('/renew').set('Cookie', cookieOf(headers));
      expect(later.body.externalId).toBe(body.externalId);
      expect(later.headers['set-cookie']).toBeUndefined();
    });

    it('gives no cookie to whom the site names', async () => {
      const { body, headers } = await start(mount, { identify }).post('/renew');
      expect(body.guestToken).toBe('token of member-1');
      expect(headers['set-cookie']).toBeUndefined();
    });

    it.each([
      ['is another', identify, 'member-2', 409],
      ['has signed out', () => undefined, 'member-1', 409],
      ['is the same', identify, 'member-1', 200],
    ])('answers a page whose visitor %s', async (_what, who, externalId, status) => {
      const site = start(mount, { identify: who });
      const answer = await site.post('/renew').send({ externalId });
      expect(answer.status).toBe(status);
      if (status === 409) {
        expect(answer.body).toMatchObject({ code: 'guest_changed', status: 409 });
        expect(site.service.calls).toHaveLength(0);
      }
    });

    it.each([
      ['no JSON', 'garbage{'],
      ['a string', '"text"'],
      ['an array', '[1]'],
      ['a number as id', '{"externalId":7}'],
      ['more than 4 KiB', JSON.stringify({ filling: 'x'.repeat(5_000) })],
      ['far more than a socket buffers', `"${'x'.repeat(2_000_000)}"`],
    ])('refuses a body that is %s', async (_what, body) => {
      const site = start(mount, { identify });
      const answer = await site.post('/renew').set('Content-Type', 'application/json').send(body);
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('request_invalid');
      expect(site.service.calls).toHaveLength(0);
    });
  });

  describe('POST /forget', () => {
    it('drops the token and the cookie, with the attributes that it was set with', async () => {
      const site = start(mount);
      const cookie = await visitor(site);
      await site.post('/renew').set('Cookie', cookie);
      const { status, text, headers } = await site.post('/forget').set('Cookie', cookie);
      expect([status, text]).toEqual([204, '']);
      expect(setCookieOf(headers)).toMatch(
        /^__Host-genesys-guest-[0-9a-f]{8}=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
      );
      expect(site.service.tokens.size).toBe(0);
    });

    it('drops a member and the anonymous guest whom they were before', async () => {
      let who: typeof member | undefined;
      const site = start(mount, { identify: () => who });
      const cookie = await visitor(site);
      await site.post('/renew').set('Cookie', cookie);
      who = member;
      await site.post('/renew').set('Cookie', cookie);
      expect(site.service.tokens.size).toBe(2);
      await site.post('/forget').set('Cookie', cookie);
      expect(site.service.tokens.size).toBe(0);
    });

    it('does nothing for garbage or a foreign origin', async () => {
      const site = start(mount, { identify });
      await site.post('/renew');
      expect((await site.post('/forget').type('json').send('garbage{')).status).toBe(400);
      expect((await site.post('/forget').set('Origin', other)).status).toBe(403);
      expect(site.service.tokens.size).toBe(1);
    });
  });

  describe("the source 'none'", () => {
    it('needs no token, cookie or call, and still says who a member is', async () => {
      const site = start(mount, { identify }, fakeTokens({ source: 'none' }));
      for (const answer of [await site.get('/config'), await site.post('/renew')]) {
        expect(answer.status).toBe(200);
        expect(answer.body).toMatchObject(member);
        expect(answer.body).not.toHaveProperty('renewIn');
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect((await site.post('/forget')).headers['set-cookie']).toBeUndefined();
      expect(site.service.calls).toHaveLength(0);
    });
  });
});
