// The built package as existing sites use it: required from CommonJS and mounted on Express 4.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import type { GuestTokenError } from '@genesys-guest/server';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emulated } from '../emulated.ts';

const require = createRequire(import.meta.url);
const { genesysGuest, createGuestTokens } =
  require('@genesys-guest/server') as typeof import('@genesys-guest/server');
/** What is used here of Express 4, whose types are not those of the Express beside it. */
interface App extends RequestListener {
  use(...handlers: unknown[]): App;
  all(...handlers: unknown[]): App;
  set(setting: string, value: unknown): App;
}
const express = require('express4') as (() => App) & { json(): unknown };

type Options = Parameters<typeof genesysGuest>[0];

const pass = (_req: unknown, _res: unknown, next: () => void) => next();

const start = async (options: Options = {}) => {
  const emulator = await startEmulator();
  const guest = genesysGuest({
    ...emulated(emulator),
    webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
    secrets: ['a secret of thirty-two characters or more'],
    ...options,
  });
  onTestFinished(async () => {
    await guest.close();
    await emulator.close();
  });
  return { emulator, guest };
};

describe('on Express 4', () => {
  it('is the CommonJS build', () => {
    expect(require.resolve('@genesys-guest/server')).toBe(
      fileURLToPath(new URL('../../packages/server/dist/index.cjs', import.meta.url)),
    );
    expect(require('express4/package.json').version).toMatch(/^4\./);
    expect(createGuestTokens).toBeTypeOf('function');
  });

  it('takes a visitor to a token, with a body parser before it', async () => {
    const { guest } = await start();
    const site = request(express().use(express.json()).use('/chat', guest));
    const first = await site.post('/chat/renew').send({});
    expect(first.body).toMatchObject({ renewIn: 0 });
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    const { body } = await site.post('/chat/renew').set('Cookie', cookie);
    expect(body).toMatchObject({
      externalId: expect.stringMatching(/^guest-/),
      guestToken: expect.any(String),
    });
    const held = (externalId: string) => site.post('/chat/renew').set('Cookie', cookie).send({ externalId });
    expect((await held(body.externalId)).status).toBe(200);
    expect((await held('member-2')).body.code).toBe('guest_changed');
    const known = await site.get('/chat/config').set('Cookie', cookie);
    expect(known.body.guestToken).toBe(body.guestToken);
    expect((await site.post('/chat/forget').set('Cookie', cookie)).status).toBe(204);
    expect((await site.get('/chat/config').set('Cookie', cookie)).body).not.toHaveProperty('guestToken');
  });

  it('tells its error handling what identify did, and leaves other paths alone', async () => {
    const { guest } = await start({
      identify: () => {
        throw new Error('no session');
      },
    });
    const app = express().use('/chat', guest);
    app.use((_req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(418).end();
    });
    // Express tells error handlers by their four parameters.
    app.use((error: GuestTokenError, _req: unknown, res: ServerResponse, _next: unknown) => {
      res.writeHead(error.status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ code: error.code }));
    });
    const { status, body } = await request(app).get('/chat/config');
    expect([status, body]).toEqual([500, { code: 'identify_failed' }]);
    expect((await request(app).get('/chat/other')).status).toBe(418);
  });

  it('counts addresses by its trust in proxies', async () => {
    let guests = 0;
    const identify = () => {
      guests += 1;
      return { externalId: `member-${guests}` };
    };
    const { guest } = await start({ mintsPerMinute: 1, identify });
    const app = express().set('trust proxy', 1).use('/chat', guest);
    const from = (address: string) => request(app).post('/chat/renew').set('X-Forwarded-For', address);
    expect((await from('203.0.113.7')).status).toBe(200);
    expect((await from('203.0.113.7')).status).toBe(429);
    expect((await from('203.0.113.8')).status).toBe(200);
  });

  it('serves the browser script packed', async () => {
    const { guest } = await start();
    const { status, headers } = await request(express().use('/chat', guest))
      .get('/chat/boot.js')
      .set('Accept-Encoding', 'br');
    expect([status, headers['content-encoding']]).toEqual([200, 'br']);
  });

  it.each<[string, (guest: unknown) => App]>([
    ['under a route with a wildcard', (guest) => express().all('/chat/*', guest)],
    ['with a parameter beside it', (guest) => express().all('/:lang/*', guest)],
    ['after a route for every path', (guest) => express().all('*', pass).use('/chat', guest)],
  ])('answers %s, too', async (_where, mounted) => {
    const { guest } = await start();
    const answer = await request(mounted(guest)).get('/chat/config');
    expect([answer.status, answer.body.renewIn]).toEqual([200, 0]);
  });
});
