// The handler as a site mounts it: with tokens of its own, or on the core of another deployment.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { scripts } from '@genesys-guest/browser/boot-text';
import type { OnboardingConfig } from '@genesys-guest/common';
import { startEmulator } from '@genesys-guest/emulator';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { genesysGuest } from './genesys-guest.ts';
import type { GenesysGuestOptions } from './options/options.ts';

const start = async (options: GenesysGuestOptions = {}) => {
  const emulator = await startEmulator();
  const guest = genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
    secrets: ['a secret of thirty-two characters or more'],
    endpoints: emulator.endpoints,
    ...options,
  });
  onTestFinished(async () => {
    await guest.close();
    await emulator.close();
  });
  return { emulator, guest };
};

describe('genesysGuest', () => {
  it('takes a visitor from the first page to a token', async () => {
    const { guest, emulator } = await start();
    const site = request(createServer(express().use('/chat', guest)));
    const first = await site.post('/chat/renew');
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    const second = await site.post('/chat/renew').set('Cookie', cookie);
    expect(second.body).toMatchObject({ guestToken: expect.any(String), renewIn: expect.any(Number) });
    const known = await site.get('/chat/config').set('Cookie', cookie);
    expect(known.body.guestToken).toBe(second.body.guestToken);
    expect(guest.tokens.telemetry()).toMatchObject({ issued: 1, cacheHits: 1, cacheStates: { fresh: 1 } });
    expect(guest.health()).toEqual({
      ...{ ready: true, oauth: 'ok', breaker: 'closed', store: 'memory', failing: [], instances: 1 },
      ...{ budget: { perMinute: 300, left: 298, waiting: 0 }, version: expect.stringMatching(/^\d+\.\d+/) },
    });
    await emulator.close();
    expect((await site.get('/chat/config').set('Cookie', cookie)).body.guestToken).toBeDefined();
  });

  it('proves a guest to the site’s own code', async () => {
    const secret = 'p'.repeat(32);
    const { guest } = await start({ proof: { secret } });
    const verify = async (proof: string | undefined) => {
      const { body } = await request(createServer(guest))
        .post('/verify')
        .set('Authorization', `Bearer ${secret}`)
        .send({ proof, conversationId: 'conversation-1' });
      return body;
    };
    const anonymous = `guest-${'a'.repeat(24)}`;
    expect(await verify(guest.proof({ externalId: 'anna' }))).toMatchObject({
      externalId: 'anna',
      signedIn: true,
    });
    expect(await verify(guest.proof({ externalId: anonymous }))).toMatchObject({ signedIn: false });
    expect(await verify(guest.proof({ externalId: 'anna', signedIn: false }))).toMatchObject({
      signedIn: false,
    });
    // By the clock that a site's own tests have set since the start.
    const old = guest.proof({ externalId: 'anna' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 901_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await verify(old)).toEqual({ valid: false });
    expect(() => guest.proof({ externalId: '' })).toThrow(expect.objectContaining({ code: 'guest_invalid' }));
    const { guest: without } = await start();
    expect(() => without.proof({ externalId: 'anna' })).toThrow(/needs `proof: true`/);
  });

  it('spends no call on a thousand robots that read, and a thousand that post without a cookie', async () => {
    const { guest, emulator } = await start();
    const server = createServer(guest).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (path: string, method: string) => fetch(`http://127.0.0.1:${port}${path}`, { method });
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => [ask('/config', 'GET'), ask('/renew', 'POST')]).flat(),
      );
      const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<OnboardingConfig>));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(bodies.every((body) => body.guestToken === undefined && body.renewIn === 0)).toBe(true);
    }
    expect(emulator.stats()).toMatchObject({ oauthToken: 0, guestTokens: 0 });
  });

  it('shows no secret to what inspects it, its tokens or an error', async () => {
    const secrets = ['a secret of the cookie, 32 characters', 'emulator-secret'];
    const { guest } = await start({ secrets: secrets.slice(0, 1) });
    const config = await guest.tokens.onboard({ externalId: 'anna' });
    const error = await guest.tokens.onboard({ externalId: '' }).catch((reason: unknown) => reason);
    const options = { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true };
    for (const value of [guest, guest.tokens, error]) {
      const text = inspect(value, options);
      for (const secret of [...secrets, config.guestToken]) expect(text).not.toContain(secret);
    }
  });

  it('says in one line at start what it is', async () => {
    const lines: unknown[][] = [];
    const quiet = () => {};
    const info = (...line: unknown[]) => void lines.push(line);
    const { guest } = await start({
      logger: { debug: quiet, info, warn: quiet, error: quiet },
      publicOrigin: 'https://www.example.com',
    });
    genesysGuest({ tokens: guest.tokens, webchatId: 'another-deployment' });
    const facts = {
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      region: 'mypurecloud.ie',
      source: 'guest-tokens',
      store: 'memory',
    };
    expect(lines).toEqual([
      [
        'genesys-guest has started',
        {
          ...facts,
          webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
          origin: 'https://www.example.com',
        },
      ],
      ['genesys-guest has started', { ...facts, webchatId: 'another-deployment' }],
    ]);
  });

  it('closes within the time that the site gives it', async () => {
    const { guest, emulator } = await start();
    emulator.fault({ call: 'guestTokens', fault: 'hang', times: 'always' });
    const onboarded = guest.tokens.onboard({ externalId: 'anna' }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(emulator.stats().oauthToken).toBe(1));
    await guest.close({ timeout: 40 });
    expect(await onboarded).toMatchObject({
      code: 'upstream_unavailable',
      message: expect.stringContaining('when `close()` ended the call'),
    });
  });

  it('serves the browser’s scripts', async () => {
    const { guest } = await start();
    const { text } = await request(createServer(guest)).get('/boot.js');
    expect(text).toMatch(/^self\.GenesysGuestMount=\{/);
    expect(text.endsWith(scripts['boot.js'])).toBe(true);
    for (const name of ['guest.js', 'facade.js', 'members.js'] as const)
      expect((await request(createServer(guest)).get(`/${name}`)).text).toBe(scripts[name]);
  });

  it('shares a core between deployments, each with visitors of its own', async () => {
    const { guest } = await start();
    const other = genesysGuest({ tokens: guest.tokens, webchatId: 'another-deployment' });
    const app = express().use('/chat', guest).use('/other', other);
    const first = await request(app).post('/other/renew');
    expect(first.body.messenger.deploymentId).toBe('another-deployment');
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    const { body } = await request(app).get('/chat/config').set('Cookie', cookie);
    expect(body).not.toHaveProperty('externalId');
    expect((await request(app).get('/other/config').set('Cookie', cookie)).body.externalId).toBeDefined();
    expect(await other.tokens.onboard({ externalId: 'anna' })).toMatchObject({
      webchatId: 'another-deployment',
    });
    expect(await guest.tokens.forget('anna')).toBe(false);
    expect(await other.tokens.forget('anna')).toBe(true);
    await other.close();
    expect(guest.health().ready).toBe(true);
  });

  it('names what is wrong with options that are none', () => {
    expect(() => genesysGuest(null as never)).toThrow(/options: must be an object/);
  });

  it('hands what other middleware throws while we answer to the error handling of the site', async () => {
    const { guest } = await start();
    const app = express()
      .use((_req, res, next) => {
        res.writeHead = () => {
          throw new Error('a broken middleware');
        };
        next();
      })
      .use('/chat', guest)
      .use(((error, _req, res, _next) => {
        res.socket?.end(`HTTP/1.1 500 x\r\ncontent-length: ${error.message.length}\r\n\r\n${error.message}`);
      }) as ErrorRequestHandler);
    const { status, text } = await request(app).get('/chat/config');
    expect([status, text]).toEqual([500, 'a broken middleware']);
  });

  it('refuses beside shared tokens what belongs to them', async () => {
    const { tokens } = (await start()).guest;
    expect(() => genesysGuest({ tokens, clientId: 'x', upstream: {}, patience: 1 })).toThrow(
      /clientId: cannot be given beside `tokens`.*\n.*upstream: cannot be given beside `tokens`[^\n]*$/,
    );
  });

  it('needs no cast in Express, with its own request or a plain one', async () => {
    const typed = genesysGuest<Request>({
      ...{ region: 'eu-west-1', webchatId: 'web-1', source: 'none', logger: console },
      identify: (req) => (req.ip ? { externalId: 'member-1' } : undefined),
    });
    const plain = genesysGuest({
      ...{ region: 'eu-west-1', webchatId: 'web-1', source: 'none', logger: console },
      identify: (req: IncomingMessage) => (req.url ? { externalId: 'member-2' } : undefined),
    });
    const handlers: RequestHandler[] = [typed, plain];
    const app = express().use('/a', typed).use('/b', plain).use(handlers);
    expect((await request(app).get('/a/config')).body.externalId).toBe('member-1');
    expect((await request(app).get('/b/config')).body.externalId).toBe('member-2');
  });
});
