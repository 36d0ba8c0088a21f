// Signed-in members, the whole way: a page asks for a code, Genesys Cloud redeems it here, and knows who it is.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import { type GenesysGuest, type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import cookieParser from 'cookie-parser';
import { doubleCsrf } from 'csrf-csrf';
import express, { type RequestHandler } from 'express';
import helmet from 'helmet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWithRedis, startTestRedis } from '../../packages/server/src/testing/redis.ts';
import { emulated } from '../emulated.ts';

const express4 = createRequire(import.meta.url)('express4') as typeof express;

const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';
const CLIENT = { clientId: 'genesys', clientSecret: 'm'.repeat(40) };
const signingKey = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const identify = (req: { headers: Record<string, unknown> }) => {
  const externalId = req.headers['x-member'];
  return typeof externalId === 'string' && externalId !== ''
    ? {
        externalId,
        claims: { email: `${externalId}@example.com`, given_name: 'Ada', family_name: 'Lindqvist' },
      }
    : undefined;
};

type Host = (guest: GenesysGuest) => RequestListener;

const HOSTS: [string, Host][] = [
  ['Express 5', (guest) => express().use('/chat', guest)],
  [
    'Express 5 behind Helmet and body parsers',
    (guest) =>
      express()
        .use(helmet(), express.json(), express.urlencoded({ extended: true }))
        .use('/chat', guest),
  ],
  ['Express 4', (guest) => express4().use('/chat', guest)],
  ['a bare server', (guest) => guest],
];

const startSite = async (emulator: Emulator, host: Host, options: GenesysGuestOptions = {}) => {
  const server = createServer((req, res) => handle(req, res)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${options.members?.issuer ?? `${origin}/chat/oidc`}`;
  const guest = genesysGuest({
    ...emulated(emulator),
    webchatId: WEBCHAT,
    secrets: ['a secret of thirty-two characters or more'],
    identify: identify as never,
    proof: { secret: 'p'.repeat(40) },
    ...options,
    members: { issuer, ...CLIENT, signingKeys: [signingKey], ...options.members },
  });
  const handle = host(guest);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await guest.close();
  });
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${origin}/chat${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { origin, issuer, guest, post };
};

type Site = Awaited<ReturnType<typeof startSite>>;

/** What the page makes for a code: a verifier and a nonce. */
const pkce = () => {
  const verifier = randomBytes(32).toString('base64url');
  return {
    verifier,
    nonce: randomBytes(16).toString('base64url'),
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
  };
};

const codeOf = async (site: Site, member: string, headers: Record<string, string> = {}) => {
  const { verifier, nonce, codeChallenge } = pkce();
  const answer = await site.post('/auth-code', { codeChallenge, nonce }, { 'x-member': member, ...headers });
  expect(answer.status).toBe(200);
  const { authCode, redirectUri, iss } = (await answer.json()) as Record<string, string>;
  return { code: authCode, redirectUri, iss, nonce, codeVerifier: verifier };
};

type OAuth = Awaited<ReturnType<typeof codeOf>>;

/** What Genesys Cloud does with it. Without an `Authorization` header the client authenticates in the form. */
const redeem = (site: Site, { code = '', redirectUri = '', codeVerifier }: OAuth, authorization?: string) =>
  fetch(`${site.origin}/chat/oidc/token`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      ...(authorization === undefined && {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
      }),
    }),
  });

/** What Messenger does with it. */
const exchange = (emulator: Emulator, oauth: object) =>
  fetch(`${emulator.url}/api/v2/webdeployments/token/oauthcodegrantjwtexchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deploymentId: WEBCHAT, oauth }),
  });

const start = async (host: Host, options?: GenesysGuestOptions) => {
  const emulator = await startEmulator({ auth: 'upgrade' });
  onTestFinished(() => emulator.close());
  const site = await startSite(emulator, host, options);
  emulator.setOidc({ discoveryUri: `${site.issuer}/.well-known/openid-configuration`, ...CLIENT });
  return { emulator, site };
};

describe.each(HOSTS)('on %s', (_name, host) => {
  it('a code is redeemed by Genesys Cloud, once, and says who the member is', async () => {
    const { emulator, site } = await start(host);
    const oauth = await codeOf(site, 'member-1');
    const answer = await exchange(emulator, oauth);
    expect(emulator.refusals()).toEqual([]);
    expect(answer.status).toBe(200);
    const { jwt } = (await answer.json()) as { jwt: string };
    expect(jwt).toBeTypeOf('string');
    expect((await exchange(emulator, oauth)).status).toBe(401);
  });

  it('nobody gets a code but the member, from the own origin alone', async () => {
    const { site } = await start(host, {
      allowedOrigins: ['https://shop.example'],
      cookie: { sameSite: 'None', secure: true },
    });
    const { nonce, codeChallenge } = pkce();
    const ask = async (headers: Record<string, string>, more: object = {}) => {
      const answer = await site.post('/auth-code', { nonce, codeChallenge, ...more }, headers);
      return [answer.status, ((await answer.json()) as { code?: string }).code];
    };
    expect(await ask({})).toEqual([401, 'sign_in_required']);
    expect(await ask({ 'x-member': 'member-1', origin: 'https://shop.example' })).toEqual([
      403,
      'origin_forbidden',
    ]);
    expect(await ask({ 'x-member': 'member-1' }, { member: 'another' })).toEqual([409, 'guest_changed']);
  });

  it('the config tells the page its tag, and the agent’s proof is verified once', async () => {
    const { site } = await start(host);
    const config = (await (
      await fetch(`${site.origin}/chat/config`, { headers: { 'x-member': 'member-1' } })
    ).json()) as { member: string[]; proof: string; claims?: unknown };
    expect(config.member).toHaveLength(1);
    expect(JSON.stringify(config)).not.toContain('@example.com');
    const verify = async (conversationId: string, secret = 'p'.repeat(40)) =>
      (
        await site.post(
          '/verify',
          { proof: config.proof, conversationId },
          { authorization: `Bearer ${secret}` },
        )
      ).json();
    expect(await verify('one')).toMatchObject({ valid: true, externalId: 'member-1', signedIn: true });
    expect(await verify('another')).toEqual({ valid: false });
    expect(await verify('one', 'wrong')).toMatchObject({ error: 'invalid_token' });
  });

  it('discovery is the same bytes for another case of the path, a forged Host and prefix headers', async () => {
    const { site } = await start(host);
    const read = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`${site.origin}${path}`, { headers })).text();
    const plain = await read('/chat/oidc/.well-known/openid-configuration');
    expect(JSON.parse(plain).issuer).toBe(site.issuer);
    expect(await read('/CHAT/oidc/.well-known/openid-configuration')).toBe(plain);
    const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/evil' };
    expect(await read('/chat/oidc/.well-known/openid-configuration', forged)).toBe(plain);
  });
});

describe('behind CSRF middleware', () => {
  const behind =
    (skipped: readonly string[]): Host =>
    (guest) => {
      const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
        getSecret: () => 'a secret of the site',
        getSessionIdentifier: () => 'the session',
        cookieName: 'csrf',
        cookieOptions: { secure: false },
        skipCsrfProtection: (req) => skipped.includes(req.path),
      });
      // Its types are those of Express 4.
      return express()
        .use(
          cookieParser(),
          express.urlencoded({ extended: true }),
          doubleCsrfProtection as unknown as RequestHandler,
        )
        .get('/csrf', (req, res) => void res.json(generateCsrfToken(req as never, res as never)))
        .use('/chat', guest);
    };

  const headersOf = async (site: Site) => {
    const answer = await fetch(`${site.origin}/csrf`);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] as string;
    return { cookie, 'x-csrf-token': (await answer.json()) as string };
  };

  it('a page that brings the token gets a code, and Genesys Cloud redeems it where its paths are left out', async () => {
    const { emulator, site } = await start(behind(['/chat/oidc/token', '/chat/verify']));
    const { nonce, codeChallenge } = pkce();
    const without = await site.post('/auth-code', { nonce, codeChallenge }, { 'x-member': 'member-1' });
    expect(without.status).toBe(403);
    const answer = await exchange(emulator, await codeOf(site, 'member-1', await headersOf(site)));
    expect(emulator.refusals()).toEqual([]);
    expect(answer.status).toBe(200);
    const verified = await site.post(
      '/verify',
      { proof: 'none', conversationId: 'one' },
      { authorization: `Bearer ${'p'.repeat(40)}` },
    );
    expect(await verified.json()).toEqual({ valid: false });
  });

  it('which is necessary: the middleware refuses Genesys Cloud', async () => {
    const { emulator, site } = await start(behind([]));
    const oauth = await codeOf(site, 'member-1', await headersOf(site));
    expect((await exchange(emulator, oauth)).status).not.toBe(200);
  });
});

it('secrets and keys are replaced in the middle of a chat, and nobody is signed out', async () => {
  const { emulator, site } = await start(HOSTS[0]?.[1] as Host);
  const before = await codeOf(site, 'member-1');
  const young = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const next = await startSite(emulator, HOSTS[0]?.[1] as Host, {
    secrets: ['a new secret of thirty-two characters or more', 'a secret of thirty-two characters or more'],
    members: {
      issuer: site.issuer,
      clientSecret: ['n'.repeat(40), CLIENT.clientSecret],
      signingKeys: [young, signingKey],
    },
  });
  const basic = (secret: string) => `Basic ${Buffer.from(`${CLIENT.clientId}:${secret}`).toString('base64')}`;
  expect((await redeem(next, before, basic(CLIENT.clientSecret))).status).toBe(200);
  expect((await redeem(next, await codeOf(next, 'member-1'), basic('n'.repeat(40)))).status).toBe(200);
});

describeWithRedis('on one Redis', () => {
  it('a code of one process is redeemed at the other, once out of 100 tries at the same time', async () => {
    const redis = await startTestRedis();
    const store = () => redisStore({ url: redis.url });
    const { emulator, site } = await start(HOSTS[0]?.[1] as Host, { store: store() });
    const other = await startSite(emulator, HOSTS[0]?.[1] as Host, {
      store: store(),
      members: { issuer: site.issuer },
    });
    const oauth = await codeOf(site, 'member-1');
    const tries = Array.from({ length: 100 }, async (_, i) => {
      const { status } = await redeem(i % 2 ? site : other, oauth);
      return status;
    });
    const statuses = await Promise.all(tries);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(99);
  });

  it('cut after a code was issued redeems nothing, and anonymous visitors chat on', async () => {
    const redis = await startTestRedis();
    const { site } = await start(HOSTS[0]?.[1] as Host, { store: redisStore({ url: redis.url }) });
    const oauth = await codeOf(site, 'member-1');
    await redis.kill();
    expect((await redeem(site, oauth)).status).toBe(503);
    const { nonce, codeChallenge } = pkce();
    const asked = await site.post('/auth-code', { nonce, codeChallenge }, { 'x-member': 'member-1' });
    expect(asked.status).toBe(503);
    expect((await site.post('/renew', {})).status).toBe(200);
  });
});
