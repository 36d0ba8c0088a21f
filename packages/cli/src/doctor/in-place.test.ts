// Broken set-ups of the site: what answers in the place of the handler, plain http, and proxies that are believed.
import { createServer } from 'node:http';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { CANARY, expectNamed, platform, SECRET, type SetUp, WEBCHAT } from '../testing/doctor.ts';
import { listen, proxy, site } from '../testing/site.ts';

type Answer = readonly [status: number, headers: Readonly<Record<string, string>>];

const GOOD = {
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: CANARY,
  webchatId: WEBCHAT,
  secrets: [SECRET],
};

describe('what answers in the place of the handler', () => {
  it.each<SetUp & { readonly answer: Answer }>([
    {
      broken: 'a wrong mount path',
      answer: [404, {}],
      check: 'mount',
      sees: 'FAIL  http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 404',
      fix: /Check the mount path/,
    },
    {
      broken: 'a sign-in before the handler',
      answer: [302, { location: 'https://login.example/?next=secret' }],
      check: 'mount',
      sees: 'FAIL  http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 302 to https://login.example/',
      fix: /before what asks for one/,
    },
    {
      broken: 'a firewall before the handler',
      answer: [401, {}],
      check: 'mount',
      sees: 'FAIL  http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 401',
      fix: /firewall and bot protection/,
    },
    {
      broken: 'a catch-all route before the handler',
      answer: [200, { 'content-type': 'text/html' }],
      check: 'mount',
      sees: 'FAIL  http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 200 with a page of HTML',
      fix: /catch-all route/,
    },
  ])('is told: $broken', async ({ answer: [code, headers], ...set }) => {
    const emulator = await platform();
    const front = await listen(createServer((_, res) => res.writeHead(code, headers).end('x')));
    const findings = await expectNamed(set, ['--emulator', emulator.url, '--url', `${front}/chat`]);
    expect(findings.find(({ check }) => check === 'cookies')?.status).toBe('skip');
  });

  it('is told: app.use of genesysGuest itself, which is not called', async () => {
    const emulator = await platform();
    const app = express();
    app.use('/chat', genesysGuest as unknown as express.RequestHandler);
    const front = await listen(createServer(app));
    await expectNamed(
      {
        broken: 'genesysGuest without ()',
        check: 'mount',
        sees: 'FAIL  http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 500 with a page of HTML',
        fix: /app\.use\('\/chat', genesysGuest\) does not call it/,
      },
      ['--emulator', emulator.url, '--url', `${front}/chat`],
    );
  });
});

describe('a handler that is mounted without a path', () => {
  it('is told', async () => {
    const emulator = await platform();
    const root = express().use(genesysGuest({ ...GOOD, endpoints: emulator.endpoints }));
    const front = await listen(createServer(root));
    await expectNamed(
      {
        broken: 'app.use(guest)',
        check: 'mount',
        sees: 'FAIL  The handler is mounted at http://127.0.0.1:<port>/, not at http://127.0.0.1:<port>/chat',
        fix: /Give it the path/,
      },
      ['--emulator', emulator.url, '--url', `${front}/chat`],
    );
  });
});

describe('the site', () => {
  it('is told that its cookie is lost on plain http', async () => {
    const emulator = await platform();
    const origin = (await site(emulator, { cookie: { secure: true } })).replace('127.0.0.1', '0.0.0.0');
    await expectNamed(
      {
        broken: 'plain http in production',
        check: 'cookies',
        sees: 'FAIL  The visitor cookie is Secure and the site is plain http: browsers drop it (cookie_blocked)',
        fix: /Serve the site by https/,
      },
      ['--emulator', emulator.url, '--url', `${origin}/chat`],
    );
  });

  it.each([
    [
      true,
      'FAIL  The site believes a forged X-Forwarded-Host: whoever calls may choose the host, and the address that is counted',
      /never set Express' trust proxy to true/,
    ],
    [1, 'skip  The address that is counted: cannot be seen from outside', /X-Forwarded-For: 192\.0\.2\.1/],
  ])('is told where trust proxy is %s: %s', async (trusted, sees, fix) => {
    const emulator = await platform();
    const app = express().set('trust proxy', trusted);
    app.get('/', (req, res) => res.redirect(`https://${req.hostname}/shop`));
    const backend = await listen(createServer(app));
    // nginx passes on what it is not told to overwrite.
    const front = await proxy(backend, {
      request: (headers) => {
        const host = trusted === 1 ? headers['host'] : headers['x-forwarded-host'];
        return { ...headers, ...(host && { 'x-forwarded-host': host }) };
      },
    });
    await expectNamed({ broken: 'trust proxy', check: 'proxy', sees, fix }, [
      '--emulator',
      emulator.url,
      '--site',
      front,
    ]);
  });
});
