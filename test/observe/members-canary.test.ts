// Nobody sees a member's secrets: codes are redeemed, refused and lost, and everything that leaves the site is searched.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import { ConfigurationError, type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { leaksIn } from './canaries.ts';
import { kept } from './kept.ts';
import { type Outside, watchOutside } from './outside.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const SIGNING_KEY = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const CLAIMS = {
  email: 'canary-claim@example.com',
  given_name: 'canary-given-name',
  family_name: 'canary-family-name',
};
const SECRETS = {
  clientSecret: 'canary-member-client-secret-1-of-32',
  oldClientSecret: 'canary-member-client-secret-0-of-32',
  proofSecret: 'canary-secret-of-verify-of-32-characters',
  cookieKey: 'canary-cookie-key-of-32-characters-1',
  attribute: 'canary-attribute-of-the-member',
};

describeWithRedis('no secret of a member leaves', () => {
  let outside: Outside;
  let redis: RedisServer;
  let receiver: Receiver;
  let emulator: Emulator;
  let options: GenesysGuestOptions;
  /** Everything secret that was made on the way, and what it is. */
  const secrets = new Map<string, string>([
    ...Object.entries(SECRETS).map(([name, secret]) => [secret, name] as const),
    ...Object.entries(CLAIMS).map(([name, claim]) => [claim, name] as const),
    // A line out of the middle of the key: not its first, which all keys share.
    [SIGNING_KEY.split('\n')[5] as string, 'signing key'],
  ]);
  const answers: { readonly path: string; readonly text: string }[] = [];

  beforeAll(async () => {
    outside = watchOutside();
    redis = await startRedis();
    emulator = await startEmulator();
    receiver = await startReceiver();
    options = {
      region: 'eu-west-1',
      webchatId: 'chat',
      clientId: 'emulator-client',
      clientSecret: 'emulator-secret',
      endpoints: emulator.endpoints,
      secrets: [SECRETS.cookieKey],
      identify: ({ headers }) =>
        headers['x-member']
          ? { externalId: 'member-1', claims: CLAIMS, attributes: { note: SECRETS.attribute } }
          : undefined,
      proof: { secret: SECRETS.proofSecret },
      members: {
        issuer: 'http://127.0.0.1/oidc',
        clientId: 'genesys',
        clientSecret: [SECRETS.clientSecret, SECRETS.oldClientSecret],
        signingKeys: [SIGNING_KEY],
        redirectUris: ['https://app.example/callback'],
      },
      audit: { key: 'an audit key of thirty-two characters', sink: outside.see('audit sink') },
      events: { url: receiver.url, secret: `whsec_${Buffer.alloc(32, 'signing').toString('base64')}` },
      logger: outside.logger,
      logLevel: 'debug',
    };
  });

  afterAll(async () => {
    outside?.stop();
    await emulator?.close();
    await receiver?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  const secret = (name: string, value: unknown): string => {
    if (typeof value === 'string') secrets.set(value, name);
    return String(value);
  };

  /** A site on the shared Redis, asked over HTTP in every way that `asks` knows. */
  const visit = async (asks: (ask: Ask) => Promise<void>) => {
    const guest = genesysGuest({ ...options, store: redisStore({ url: redis.url }) });
    const server = createServer(guest).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await asks(async (path, init = {}) => {
      const answer = await fetch(origin + path, { redirect: 'manual', ...init });
      const text = await answer.text();
      answers.push({
        path: path.split('?')[0] as string,
        text: `${text} ${JSON.stringify([...answer.headers])}`,
      });
      return {
        status: answer.status,
        body: text.startsWith('{') ? JSON.parse(text) : {},
        headers: answer.headers,
      };
    });
    outside.see('health')(guest.health());
    outside.see('telemetry()')(guest.tokens.telemetry());
    outside.see('auditLog()')(guest.tokens.auditLog());
    await guest.close({ timeout: 2_000 });
    server.closeAllConnections();
    server.close();
  };

  it('while codes are redeemed, refused, reused and lost', async () => {
    await visit(everyWay);
    outside.see('Redis')(await kept(redis));
    await redis.kill();
    await visit(everyWay);
    for (const members of [
      { signingKeys: [SIGNING_KEY.replace('PRIVATE', 'PUBLIC')] },
      { clientSecret: [`${SECRETS.clientSecret} ?`] },
      { issuer: `https://user:${SECRETS.clientSecret}@example.com/oidc?x` },
    ]) {
      expect(() =>
        genesysGuest({
          ...options,
          members: { ...options.members, ...members } as GenesysGuestOptions['members'],
        }),
      ).toThrow(
        expect.toSatisfy((error) => {
          outside.see('ConfigurationError')(error);
          return error instanceof ConfigurationError;
        }),
      );
    }
  });

  it('and this is how it is known', async () => {
    for (const raw of receiver.raw) outside.see('event')(raw);
    const places = await outside.places();
    for (const where of [
      'log error',
      'log debug',
      'metrics',
      'audit sink',
      'event',
      'span',
      'Redis',
      'ConfigurationError',
    ]) {
      expect(places).toContain(where);
    }
    const names = new Set(secrets.values());
    for (const name of ['code', 'verifier', 'ID token', 'access token', 'proof', 'authorization']) {
      expect(names).toContain(name);
    }
    expect(outside.leaks(secrets)).toEqual([]);

    // An answer gives only what it is there for.
    const given: Record<string, readonly string[]> = {
      '/auth-code': ['code'],
      '/config': ['proof', 'attribute'],
      '/renew': ['attribute'],
      '/oidc/authorize': ['code'],
      // The ID token carries the claims.
      '/oidc/token': ['ID token', 'access token', ...Object.keys(CLAIMS)],
      '/oidc/userinfo': Object.keys(CLAIMS),
      '/verify': ['attribute'],
    };
    for (const { path, text } of answers) {
      const leaked = leaksIn(text, secrets).filter((name) => !given[path]?.includes(name));
      expect(leaked, path).toEqual([]);
    }
  });

  type Answer = Partial<Record<'authCode' | 'redirectUri' | 'id_token' | 'access_token' | 'proof', string>>;
  type Ask = (
    path: string,
    init?: RequestInit,
  ) => Promise<{ status: number; body: Answer; headers: Headers }>;

  const everyWay = async (ask: Ask): Promise<void> => {
    const json = (path: string, body: object, headers: Record<string, string> = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-member': 'yes', ...headers },
        body: JSON.stringify(body),
      });
    const issue = async () => {
      const verifier = secret('verifier', randomBytes(32).toString('base64url'));
      const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
      const nonce = randomBytes(16).toString('base64url');
      const { body } = await json('/auth-code', { codeChallenge, nonce });
      if (body.authCode) secret('code', body.authCode);
      return { verifier, codeChallenge, code: body.authCode, redirectUri: body.redirectUri };
    };
    const basic = (clientSecret: string) =>
      `Basic ${secret('authorization', Buffer.from(`genesys:${clientSecret}`).toString('base64'))}`;
    const redeem = async (
      issued: Awaited<ReturnType<typeof issue>>,
      more: Record<string, string> = {},
      headers = {},
    ) => {
      const { body } = await ask('/oidc/token', {
        method: 'POST',
        headers,
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: String(issued.code),
          redirect_uri: String(issued.redirectUri),
          code_verifier: issued.verifier,
          ...more,
        }),
      });
      if (body.id_token) {
        secret('ID token', body.id_token);
        secret('access token', body.access_token);
      }
      return body;
    };

    const issued = await issue();
    const { access_token: accessToken } = await redeem(
      issued,
      {},
      { authorization: basic(SECRETS.clientSecret) },
    );
    await redeem(issued, {}, { authorization: basic(SECRETS.oldClientSecret) });
    for (const token of [accessToken, `${accessToken}x`, issued.code]) {
      await ask('/oidc/userinfo', { headers: { authorization: `Bearer ${token}` } });
    }
    const other = await issue();
    await redeem(other, {}, { authorization: basic('canary-wrong-secret') });
    await redeem(other, { client_id: 'genesys', client_secret: `${SECRETS.clientSecret}x` });
    await redeem(other, {
      code_verifier: issued.verifier,
      client_id: 'genesys',
      client_secret: SECRETS.clientSecret,
    });
    await redeem(other, {
      code: `${other.code}x`,
      client_id: 'genesys',
      client_secret: SECRETS.clientSecret,
    });
    await redeem(other, {
      redirect_uri: `https://${other.code}`,
      client_id: 'genesys',
      client_secret: SECRETS.clientSecret,
    });
    await json('/auth-code', {
      codeChallenge: issued.verifier,
      nonce: issued.verifier.slice(0, 2),
      member: issued.code,
    });

    for (const state of ['state', SECRETS.attribute]) {
      const { headers } = await ask(
        `/oidc/authorize?${new URLSearchParams({
          response_type: 'code',
          client_id: 'genesys',
          redirect_uri: 'https://app.example/callback',
          scope: 'openid',
          code_challenge: issued.codeChallenge,
          code_challenge_method: 'S256',
          state: state === 'state' ? state : 'other',
        })}`,
        { headers: { 'x-member': 'yes' } },
      );
      const code = new URL(headers.get('location') ?? 'none:').searchParams.get('code');
      if (code) secret('code', code);
    }

    const { body: config } = await ask('/config', { headers: { 'x-member': 'yes' } });
    if (config.proof) secret('proof', config.proof);
    await json('/renew', {});
    const verify = (proof: unknown, conversationId: string, authorization: string) =>
      json('/verify', { proof, conversationId }, { authorization });
    for (const conversationId of ['one', 'two']) {
      await verify(config.proof, conversationId, `Bearer ${SECRETS.proofSecret}`);
    }
    await verify(`${config.proof}x`, 'one', `Bearer ${SECRETS.proofSecret}`);
    await verify(config.proof, 'one', `Bearer ${SECRETS.proofSecret}x`);
    await json('/forget', {});
  };
});
