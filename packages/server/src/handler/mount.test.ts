// The same routes however a host reaches them, and what the site's own routes are told of a visitor.
import { createServer, type IncomingMessage } from 'node:http';
import type { OnboardingConfig, Problem } from '@genesys-guest/common';
import express from 'express';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { genesysGuest } from '../genesys-guest.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { fakeHandlerOptions, fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { WEBCHAT } from '../testing/rig.ts';
import { cookieOf, identify, member, mountOf, SCRIPTS } from '../testing/site.ts';
import { createMount } from './mount.ts';

const pass: express.RequestHandler = (_req, _res, next) => next();

describe('a path before the routes', () => {
  it.each([
    ['a bare server', () => createServer(mountOf(fakeTokens()).handler)],
    ['Express 5, app.all', () => createServer(express().all('/chat/*splat', mountOf(fakeTokens()).handler))],
    ['Express 5, app.use', () => createServer(express().use('/chat', mountOf(fakeTokens()).handler))],
    [
      'Express 5, after a route for every path',
      () => createServer(express().all('/*splat', pass).use('/chat', mountOf(fakeTokens()).handler)),
    ],
    [
      'Express 5, a route with a parameter',
      () => createServer(express().all('/chat/:page', mountOf(fakeTokens()).handler)),
    ],
  ])('is overlooked on %s', async (_what, serve) => {
    const { status, body } = await request(serve()).get('/chat/config?page=1');
    expect([status, body.webchatId]).toEqual([200, WEBCHAT]);
  });

  it('takes no route of the site under Express', async () => {
    const app = express().use(mountOf(fakeTokens()).handler);
    app.get('/api/config', (_req, res) => void res.send("the site's own"));
    expect((await request(app).get('/api/config')).text).toBe("the site's own");
  });

  it('that has no route is a 404 on a bare server', async () => {
    expect((await request(createServer(mountOf(fakeTokens()).handler)).get('/chat/other')).status).toBe(404);
  });
});

const jsonOf = async (answer: Response) => (await answer.json()) as OnboardingConfig & Problem;

describe('fetch', () => {
  const url = 'https://www.example.com/api/chat';
  const post = (path: string, init: RequestInit = {}) => new Request(url + path, { method: 'POST', ...init });

  it('takes a visitor from the first page to a token', async () => {
    const service = fakeTokens();
    const { fetch } = mountOf(service);
    const first = await fetch(post('/renew'), { ip: '203.0.113.7' });
    expect([first.status, (await jsonOf(first)).renewIn]).toEqual([200, 0]);
    const cookie = first.headers.get('set-cookie')?.split(';')[0] as string;
    const second = await fetch(post('/renew', { headers: { cookie } }), { ip: '203.0.113.7' });
    expect(await second.json()).toMatchObject({ guestToken: expect.any(String) });
    expect(second.headers.get('cache-control')).toBe('no-store');
    const config = await fetch(new Request(`${url}/config`, { headers: { cookie } }));
    expect((await jsonOf(config)).guestToken).toBeDefined();
  });

  it('counts the address that the host gives', async () => {
    const ids = ['a', 'b', 'c'];
    const options = { mintsPerMinute: 2, identify: () => ({ externalId: ids.shift() as string }) };
    const { fetch } = mountOf(fakeTokens(), options);
    const ask = async () => (await fetch(post('/renew'), { ip: '203.0.113.7' })).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
  });

  it.each([
    ['another origin', post('/renew', { headers: { origin: 'https://evil.example' } }), 403],
    ['its own origin', post('/renew', { headers: { origin: 'https://www.example.com' } }), 200],
    ['a body too long', post('/renew', { body: `"${'x'.repeat(5_000)}"` }), 400],
    ['no route', post('/other'), 404],
    ['HEAD', new Request(`${url}/config`, { method: 'HEAD' }), 200],
    ['another method', new Request(`${url}/renew`), 405],
  ])('answers a request with %s as the handler does', async (_what, req, status) => {
    expect((await mountOf(fakeTokens()).fetch(req)).status).toBe(status);
  });

  it.each<[string, (body: ReadableStreamDefaultController) => void, string]>([
    ['does not end', () => {}, 'The body did not come in time'],
    ['breaks', (body) => body.error(new Error('cut off')), 'The request was cut off'],
  ])('gives a body up that %s, as the handler does', async (_what, start, detail) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const init = { body: new ReadableStream({ start }), duplex: 'half' } as RequestInit;
    const answering = mountOf(fakeTokens()).fetch(post('/renew', init));
    await vi.advanceTimersByTimeAsync(5_000);
    const answer = await answering;
    expect([answer.status, (await jsonOf(answer)).detail]).toEqual([400, detail]);
  });

  it('takes a body that others have read for none, as the handler does', async () => {
    const request = post('/renew', { body: '{}' });
    await request.text();
    expect((await mountOf(fakeTokens()).fetch(request)).status).toBe(200);
  });

  it('leaves compression to the host, as Next takes the Content-Encoding away', async () => {
    const { fetch } = mountOf(fakeTokens(), {}, SCRIPTS);
    const headers = { 'accept-encoding': 'gzip, br' };
    const answer = await fetch(new Request(`${url}/boot.js`, { headers }));
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(await answer.text()).toContain(SCRIPTS['boot.js']);
  });

  it("answers a fault of the site's own code, and throws nothing", async () => {
    const error = vi.fn();
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
    const broken = () => {
      throw new Error('database password hunter2');
    };
    const { fetch } = mountOf(fakeTokens(), { identify: broken, logger });
    const answer = await fetch(new Request(`${url}/config`));
    expect([answer.status, (await jsonOf(answer)).code]).toEqual([500, 'identify_failed']);
    expect(error).toHaveBeenCalledTimes(1);
  });
});

describe('visitor(req)', () => {
  const req = (headers: Record<string, string> = {}) => ({ headers }) as unknown as IncomingMessage;

  it('is nobody for a visitor never seen', async () => {
    expect(await mountOf(fakeTokens()).visitor(req())).toBeUndefined();
  });

  it('is the member whom the site names, with the token at hand, and calls nobody', async () => {
    const service = fakeTokens();
    service.tokens.set(`${WEBCHAT} member-1`, fakeToken(member, 60));
    expect(await mountOf(service, { identify }).visitor(req())).toEqual({
      externalId: 'member-1',
      signedIn: true,
      attributes: { plan: 'gold' },
      token: 'token of member-1',
      expiresIn: 60,
    });
    expect(service.calls).toHaveLength(0);
  });

  it('is the anonymous guest of the cookie, in a Request, too', async () => {
    const { handler, visitor } = mountOf(fakeTokens());
    const { headers } = await request(createServer(handler)).post('/renew');
    const cookie = cookieOf(headers);
    const expected = { externalId: expect.stringMatching(/^guest-/), signedIn: false };
    expect(await visitor(req({ cookie }))).toEqual(expected);
    expect(await visitor(new Request('https://www.example.com', { headers: { cookie } }))).toEqual(expected);
  });
});

describe('whether the mount has members', () => {
  const mountWith = (paths: readonly string[]) => {
    const service = fakeTokens();
    const rest = { methods: ['POST'], pages: 'none' } as const;
    const answer = () => ({ status: 204, headers: {} });
    return createMount(service, fakeHandlerOptions(service, {}), {
      scripts: SCRIPTS,
      counter: undefined,
      cookieless: false,
      count: () => {},
      endpoints: paths.map((path) => ({ path, ...rest, answer })),
    });
  };

  it.each([
    ['members', ['/auth-code', '/oidc/token'], true],
    ['proofs alone', ['/verify'], undefined],
  ])('is told to its pages: %s', async (_what, paths, expected) => {
    const server = createServer(mountWith(paths).handler);
    expect((await request(server).get('/config')).body.messenger.members).toBe(expected);
    expect((await request(server).get('/boot.js')).text.includes('"members":true')).toBe(expected === true);
  });
});

it('says so where Express was given the function itself', async () => {
  const app = express();
  app.use('/chat', genesysGuest as never);
  const seen = vi.fn();
  const onError: express.ErrorRequestHandler = (error, _req, res, _next) => {
    seen(String(error));
    res.status(500).end();
  };
  app.use(onError);
  expect((await request(app).get('/chat/config')).status).toBe(500);
  expect(seen.mock.calls[0]?.[0]).toContain("app.use('/chat', genesysGuest({ … }))");
});

it('counts what a page got: no guest yet, a token, or the chat alone', async () => {
  const [service, count] = [fakeTokens(), vi.fn()];
  const agent = request(createServer(mountOf(service, {}, SCRIPTS, { count }).handler));
  const cookie = cookieOf((await agent.post('/renew')).headers);
  await agent.post('/renew').set('Cookie', cookie);
  service.tokens.clear();
  service.call = () => Promise.reject(new GuestTokenError('upstream_unavailable', 'down'));
  await agent.post('/renew').set('Cookie', cookie);
  const got = count.mock.calls.filter(([name]) => name === 'answers').map(([, what]) => what);
  expect(got).toEqual(['none', 'token', 'unavailable']);
});
