// The handler beside the site's own code: its faults, its body parsers, its headers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import session from 'express-session';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GenesysGuestOptions } from '../options/options.ts';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { identify, mountOf, onBare, onExpress, SCRIPTS, start } from '../testing/site.ts';

describe('what the host does wrong', () => {
  const broken: [string, GenesysGuestOptions['identify'], string][] = [
    ['throws', () => Promise.reject(new Error('database password hunter2')), 'identify_failed'],
    ['names nobody whom the platform takes', () => ({ externalId: 'x'.repeat(256) }), 'guest_invalid'],
    ['answers nonsense', () => 'member-1' as never, 'guest_invalid'],
  ];

  it.each(broken)('identify that %s reaches the error handling of Express', async (_what, who, code) => {
    const app = express();
    const seen: unknown[] = [];
    const service = fakeTokens();
    app.use('/chat', mountOf(service, { identify: who }).handler);
    const onError: express.ErrorRequestHandler = (error, _req, res, _next) => {
      seen.push(error);
      res.status(error.status).send('the error page of the site');
    };
    app.use(onError);
    for (const answer of [await request(app).get('/chat/config'), await request(app).post('/chat/renew')]) {
      expect([answer.status, answer.text]).toEqual([500, 'the error page of the site']);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Cookie, Origin' });
    }
    expect(seen).toMatchObject([{ code }, { code }]);
  });

  it.each(broken)('identify that %s gets our own answer on a bare server', async (_what, who, code) => {
    const { status, body, text } = await start(onBare, { identify: who }).get('/config');
    expect([status, body.code]).toEqual([500, code]);
    expect(text).not.toContain('hunter2');
    if (code === 'guest_invalid') expect(body.errors[0]).toHaveProperty('field');
  });

  it('names each field that the platform would refuse', async () => {
    const attributes = { long: 'x'.repeat(513) };
    const { body } = await start(onBare, { identify: () => ({ externalId: '', attributes }) }).get('/config');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'externalId',
      'attributes.long',
    ]);
  });
});

describe('beside the middleware of the site', () => {
  it('leaves other paths to Express and answers them itself on a bare server', async () => {
    expect((await start(onExpress).get('/other')).text).toBe('next was called');
    const { status, headers } = await start(onBare).get('/other');
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json; charset=utf-8']);
  });

  it('keeps the cookies and Vary that others have set', async () => {
    const service = fakeTokens();
    const app = express();
    app.use((_req, res, next) => {
      res.cookie('session', '1').vary('Accept-Encoding');
      next();
    });
    app.use(mountOf(service).handler);
    const { headers } = await request(app).post('/renew');
    expect(headers['vary']).toBe('Accept-Encoding, Cookie, Origin');
    expect(headers['set-cookie']).toHaveLength(2);
  });

  it.each([
    ['express.json()', express.json()],
    ['express.text()', express.text({ type: '*/*' })],
    ['express.raw()', express.raw({ type: '*/*' })],
  ])('reads what %s has read already', async (_name, parser) => {
    const service = fakeTokens();
    const app = express().use(parser, mountOf(service, { identify }).handler);
    expect((await request(app).post('/renew')).status).toBe(200);
    expect((await request(app).post('/renew').send({ externalId: 'member-1' })).status).toBe(200);
    expect((await request(app).post('/renew').send({ externalId: 'member-2' })).status).toBe(409);
    expect((await request(app).post('/renew').send([1])).status).toBe(400);
  });
});

describe('a script behind a session of the site', () => {
  it.each(['boot.js', 'facade.js'])(
    'carries nobody’s cookie, however it was set, and is still for everyone: %s',
    async (name) => {
      const service = fakeTokens();
      const app = express();
      app.use(session({ secret: 's', resave: false, saveUninitialized: true, cookie: { secure: false } }));
      app.use((_req, res, next) => {
        res.cookie('earlier', '1');
        next();
      });
      app.use('/chat', mountOf(service, {}, SCRIPTS).handler);
      app.get('/page', (_req, res) => void res.send('page'));
      const { headers } = await request(app).get(`/chat/${name}`);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['cache-control']).toContain('public');
      // The session's own way of setting its cookie works everywhere else.
      expect((await request(app).get('/page')).headers['set-cookie']).toHaveLength(2);
      expect((await request(app).post('/chat/renew')).headers['set-cookie']).toHaveLength(3);
    },
  );
});

describe('a body that is not taken', () => {
  it('is not read to its end: the connection ends with the answer', async () => {
    const service = fakeTokens();
    const handler = mountOf(service, { identify }).handler;
    const server = createServer(handler).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += String(chunk);
    });
    socket.on('error', () => {});
    socket.write('POST /renew HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const piece = 'x'.repeat(8_192);
    const write = (): void => {
      if (!socket.destroyed)
        socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`, () => setImmediate(write));
    };
    write();
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toMatch(/Connection: close/i);
    expect(socket.bytesWritten).toBeLessThan(8_000_000);
  });
});

describe('a page that leaves', () => {
  it('calls off its call and disturbs nobody', async () => {
    const service = fakeTokens();
    let signal: AbortSignal | undefined;
    service.renew = (_webchatId, _guest, caller) => {
      signal = caller?.signal;
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('called off')));
      });
    };
    const failed = vi.fn();
    const app = express().use(mountOf(service, { identify }).handler);
    const onError: express.ErrorRequestHandler = (error, _req, _res, next) => next(failed(error));
    const server = app.use(onError).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const page = new AbortController();
    const leaving = fetch(`http://127.0.0.1:${port}/renew`, { method: 'POST', signal: page.signal });
    await vi.waitFor(() => expect(signal).toBeDefined());
    page.abort();
    await expect(leaving).rejects.toThrow();
    await vi.waitFor(() => expect(signal?.aborted).toBe(true));
    const next = await fetch(`http://127.0.0.1:${port}/config`);
    expect(next.status).toBe(200);
    expect(failed).not.toHaveBeenCalled();
  });
});
