// What is refused, and what a page gets while Genesys Cloud gives no token.
import { describe, expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { WEBCHAT } from '../testing/rig.ts';
import { crossSite, identify, MOUNTS, member, other, setCookieOf, start, visitor } from '../testing/site.ts';

describe.each(MOUNTS)('on %s', (_name, mount) => {
  describe('while no token can be had', () => {
    const failing = (code: 'upstream_unavailable' | 'upstream_rejected', retryAfter?: number) => {
      const service = fakeTokens();
      service.call = async () => {
        throw new GuestTokenError(code, 'said to the operator alone', { retryAfter });
      };
      return service;
    };

    it.each([
      ['upstream_unavailable', 42, 42],
      ['upstream_unavailable', undefined, 30],
      ['upstream_rejected', undefined, 300],
    ] as const)(
      '%s with Retry-After %s leaves the chat, to ask again in %d s',
      async (code, after, renewIn) => {
        const { status, body } = await start(mount, { identify }, failing(code, after)).post('/renew');
        expect(status).toBe(200);
        expect(body).toMatchObject({ externalId: 'member-1', renewIn });
        expect(body).not.toHaveProperty('guestToken');
      },
    );

    it('leaves the chat also after a fault of our own', async () => {
      const service = fakeTokens();
      service.call = async () => Promise.reject(new TypeError('a bug'));
      const { status, body } = await start(mount, { identify }, service).post('/renew');
      expect([status, body.renewIn]).toEqual([200, 30]);
    });

    it('answers the problem where the site wants it so, without what the operator is told', async () => {
      const service = failing('upstream_unavailable', 42);
      const options = { identify, whenUnavailable: 'fail' } as const;
      const { status, body, headers, text } = await start(mount, options, service).post('/renew');
      expect(status).toBe(503);
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'retry-after': '42',
        'cache-control': 'no-store',
        vary: 'Cookie, Origin',
      });
      expect(body).toEqual({
        type: 'urn:genesys-guest:problem:upstream_unavailable',
        title: 'Genesys Cloud is unavailable',
        status: 503,
        code: 'upstream_unavailable',
        detail: expect.any(String),
        retryAfter: 42,
      });
      expect(text).not.toContain('operator');
    });

    it('keeps the old token in both modes', async () => {
      for (const whenUnavailable of ['anonymous', 'fail'] as const) {
        const service = failing('upstream_unavailable');
        service.tokens.set(`${WEBCHAT} member-1`, fakeToken(member, 60));
        const { body } = await start(mount, { identify, whenUnavailable }, service).post('/renew');
        expect(body).toMatchObject({ guestToken: 'token of member-1', expiresIn: 60, renewIn: 30 });
      }
    });
  });

  describe('limits', () => {
    it('refuse an address that causes too many calls, and say for how long', async () => {
      const guests = ['a', 'b', 'c'].map((externalId) => ({ externalId }));
      const site = start(mount, { identify: () => guests.shift(), mintsPerMinute: 2 });
      expect([(await site.post('/renew')).status, (await site.post('/renew')).status]).toEqual([200, 200]);
      const { status, body, headers } = await site.post('/renew');
      expect(status).toBe(429);
      expect(body.code).toBe('too_many_guests');
      expect(Number(headers['retry-after'])).toBeGreaterThan(50);
      expect(site.service.calls).toHaveLength(2);
    });

    it('count no answer that costs no call', async () => {
      const site = start(mount, { identify, mintsPerMinute: 1 });
      for (let i = 0; i < 4; i += 1) expect((await site.post('/renew')).status).toBe(200);
    });

    it('ask admit for new anonymous guests alone', async () => {
      const admit = vi.fn(() => false);
      const site = start(mount, { admit });
      const cookie = await visitor(site);
      const { status, body } = await site.post('/renew').set('Cookie', cookie);
      expect([status, body.code]).toEqual([403, 'not_admitted']);
      expect(site.service.calls).toHaveLength(0);
      const named = await start(mount, { admit, identify }).post('/renew');
      expect([named.status, admit.mock.calls.length]).toEqual([200, 1]);
    });

    it('take an admit that throws for a refusal', async () => {
      const site = start(mount, { admit: () => Promise.reject(new Error('down')) });
      expect((await site.post('/renew').set('Cookie', await visitor(site))).status).toBe(403);
    });
  });

  describe('origins', () => {
    it.each([
      ['GET', { 'Sec-Fetch-Site': 'same-origin' }, 200],
      ['GET', { 'Sec-Fetch-Site': 'none' }, 200],
      ['GET', { 'Sec-Fetch-Site': 'same-site' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'cross-site' }, 403],
      ['POST', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://proxied.example' }, 200],
      ['POST', { 'Sec-Fetch-Site': 'none' }, 403],
      ['POST', { 'Sec-Fetch-Site': 'cross-site', Origin: other }, 403],
      ['POST', {}, 200],
      ['POST', { Host: 'our.example', Origin: 'https://our.example' }, 200],
      ['POST', { Host: 'our.example:443', Origin: 'https://our.example' }, 200],
      ['POST', { Host: 'our.example', Origin: 'https://our.example:8443' }, 403],
      ['POST', { Host: 'our.example', Origin: other }, 403],
      ['POST', { Origin: 'null' }, 403],
    ])('%s with %j is answered with %d', async (method, headers, status) => {
      const site = start(mount);
      const answer = await (method === 'GET' ? site.get('/config') : site.post('/renew')).set(headers);
      expect(answer.status).toBe(status);
      if (status === 403) {
        expect(answer.body.code).toBe('origin_forbidden');
        expect(answer.headers).not.toHaveProperty('set-cookie');
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      }
    });

    it('go by publicOrigin where a proxy changes Host', async () => {
      const site = start(mount, { publicOrigin: 'https://our.example' });
      const from = (origin: string) => site.post('/renew').set('Origin', origin).set('Host', 'inside:8080');
      expect((await from('https://our.example')).status).toBe(200);
      expect((await from('http://inside:8080')).status).toBe(403);
    });

    it('that are allowed get CORS with credentials, on problems too', async () => {
      const site = start(mount, crossSite);
      const cors = {
        'access-control-allow-origin': other,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
      };
      const from = { Origin: other, 'Sec-Fetch-Site': 'cross-site' };
      const renewed = await site.post('/renew').set(from);
      expect(renewed.status).toBe(200);
      expect(renewed.headers).toMatchObject(cors);
      expect(setCookieOf(renewed.headers)).toContain('; Secure; SameSite=None');
      expect((await site.get('/config').set(from)).headers).toMatchObject(cors);
      const problem = await site.post('/renew').set(from).send({ externalId: 'x' });
      expect(problem.status).toBe(409);
      expect(problem.headers).toMatchObject(cors);
      expect((await site.put('/renew').set(from)).headers).toMatchObject(cors);
    });

    it('ask before they call', async () => {
      const site = start(mount, crossSite);
      const asked = { 'Access-Control-Request-Headers': 'content-type,x-csrf-token' };
      const { status, headers } = await site.options('/renew').set({ Origin: other, ...asked });
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': other,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST, OPTIONS',
        'access-control-allow-headers': 'content-type,x-csrf-token',
        'access-control-max-age': '7200',
        vary: 'Cookie, Origin',
      });
      const stranger = await site.options('/renew').set({ Origin: 'https://evil.example', ...asked });
      expect(stranger.status).toBe(204);
      expect(Object.keys(stranger.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });
  });

  it.each([
    ['/config', 'GET, HEAD, OPTIONS'],
    ['/renew', 'POST, OPTIONS'],
    ['/forget', 'POST, OPTIONS'],
    ['/boot.js', 'GET, HEAD, OPTIONS'],
    ['/facade.js', 'GET, HEAD, OPTIONS'],
  ])('refuses other methods for %s and names %s', async (path, allow) => {
    const { status, body, headers } = await start(mount).put(path);
    expect([status, body.code, headers['allow']]).toEqual([405, 'method_not_allowed', allow]);
  });
});
