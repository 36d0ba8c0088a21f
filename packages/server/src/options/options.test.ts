// What the options come to: by default, and together.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { redisStore } from '../redis/redis-store.ts';
import { memoryStore } from '../store/memory-store.ts';
import { good, issuesOf, logger, loopback, production } from '../testing/options.ts';
import { resolveOptions } from './handler-options.ts';
import type { GenesysGuestOptions } from './options.ts';

describe('the defaults', () => {
  it('are those of the contract', () => {
    const { tokens, handler } = resolveOptions(good, production);
    expect(tokens).toMatchObject({
      ...{ source: 'guest-tokens', tokenLifetime: 86_400, renewBefore: 300 },
      endpoints: {
        oauthToken: 'https://login.mypurecloud.ie/oauth/token',
        guestTokens: 'https://api.mypurecloud.ie/api/v2/guest-tokens',
        bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
      },
      store: { kind: 'memory' },
      ...{ perMinute: 300, concurrency: 32, maxQueue: 1_000, timeout: 5_000, deadline: 15_000 },
      audit: { pseudonymize: false, sink: undefined },
    });
    expect(handler).toMatchObject({
      whenUnavailable: 'anonymous',
      patience: 2_000,
      mintsPerMinute: 24,
      newcomersPerMinute: 240,
      allowedOrigins: new Set(),
      cookie: {
        name: expect.stringMatching(/^__Host-genesys-guest-[0-9a-f]{8}$/),
        maxAge: 2_592_000,
        sameSite: 'Lax',
        secure: true,
        partitioned: false,
        domain: undefined,
      },
    });
  });

  it.each([
    [1, 5],
    [60, 5],
    [300, 24],
    [1_000, 80],
  ])(
    'of mintsPerMinute for %d calls a minute: a tenth of what newcomers may use, %d',
    (perMinute, expected) => {
      const { handler } = resolveOptions({ ...good, upstream: { perMinute } }, production);
      expect(handler.mintsPerMinute).toBe(expected);
    },
  );

  it('of the cookie do without https in development, and not in production on loopback', () => {
    const local = resolveOptions({ ...good, endpoints: loopback }, production).handler.cookie;
    expect(local).toMatchObject({ name: expect.stringMatching(/^__Host-/), secure: true });
    const { cookie } = resolveOptions(good, { NODE_ENV: 'development' }).handler;
    expect(cookie).toMatchObject({ name: expect.stringMatching(/^genesys-guest-/), secure: false });
  });

  it('tell deployments apart by the name of their cookies', () => {
    const names = ['web-1', 'web-2'].map(
      (webchatId) => resolveOptions({ ...good, webchatId }, production).handler.cookie.name,
    );
    expect(new Set(names).size).toBe(2);
  });

  it.each([
    [{ timeout: 20_000 }, { timeout: 20_000, deadline: 20_000 }],
    [{ deadline: 1_000 }, { timeout: 1_000, deadline: 1_000 }],
  ])('of the upstream follow %j', (upstream, expected) => {
    expect(resolveOptions({ ...good, upstream }, production).tokens).toMatchObject(expected);
  });
});

describe('what works', () => {
  it.each<[string, GenesysGuestOptions, Record<string, string>]>([
    [
      'another site with SameSite=None',
      { allowedOrigins: ['https://a.example'], cookie: { sameSite: 'None' } },
      production,
    ],
    [
      'a host above this one',
      { allowedOrigins: ['https://our.example'], publicOrigin: 'https://www.our.example' },
      production,
    ],
    [
      'a host beside this one, where the site says that they are one',
      {
        allowedOrigins: ['https://shop.our.example'],
        publicOrigin: 'https://www.our.example',
        cookie: { sameSite: 'Lax' },
      },
      production,
    ],
    [
      'a development server on another port',
      { allowedOrigins: ['http://localhost:5173'] },
      { NODE_ENV: 'test' },
    ],
    ['a cookie for subdomains', { cookie: { name: '__Secure-guest', domain: 'our.example' } }, production],
    ['a secret from a vault', { clientSecret: async () => 'secret' }, production],
    ['console as logger', { logger: console }, production],
    ['a small store', { store: memoryStore({ max: 10 }) }, production],
    [
      'options that are not set',
      { identify: undefined, cookie: undefined, upstream: { timeout: undefined } },
      production,
    ],
  ])('%s is no issue', (_what, options, env) => {
    expect(issuesOf({ ...good, ...options }, env)).toEqual([]);
  });

  it('keys the audit alike on every instance, by its own key where it has one', () => {
    const key = (options: GenesysGuestOptions) =>
      resolveOptions({ ...good, ...options }, production).tokens.audit.key;
    expect(key({})).toBe(key({}));
    expect(key({})).not.toContain(good.secrets[0]);
    expect(key({ audit: { key: 'k'.repeat(32) } })).toBe('k'.repeat(32));
  });
});

describe('a warning', () => {
  const warningsOf = (options: GenesysGuestOptions): string[] => {
    logger.warn.mockClear();
    resolveOptions({ ...good, ...options }, production);
    return logger.warn.mock.calls.map(([message]) => message);
  };
  const store = (url: string) => ({ store: redisStore({ url }) });

  it.each<[string, GenesysGuestOptions, RegExp]>([
    [
      'the client secret by plain http',
      { endpoints: { oauthToken: 'http://gateway.example/token' } },
      /^endpoints\.oauthToken is plain http, so the client secret can be read/,
    ],
    [
      'the password of Redis without TLS',
      store('redis://:password@redis.example'),
      /^the store has a password and a redis:\/\/ URL.* use rediss:/,
    ],
    ['a secret of one letter', { secrets: ['a'.repeat(32)] }, /^a secret has fewer than 8 different/],
    ['an address that may take all', { mintsPerMinute: 240 }, /^mintsPerMinute is 240.*leave it out for 24/],
    ['pseudonyms that change', { audit: { pseudonymize: true } }, /^audit\.pseudonymize .*set `audit\.key`/],
  ])('is said of %s', (_what, options, warning) => {
    expect(warningsOf(options)).toEqual([expect.stringMatching(warning)]);
  });

  it.each<[string, GenesysGuestOptions]>([
    ['plain http on this machine', { endpoints: { ...loopback } }],
    ['Redis with TLS', store('rediss://:password@redis.example')],
    ['Redis on this machine', store('redis://:password@127.0.0.1:6379')],
    ['Redis without a password', store('redis://redis.example')],
  ])('is not said of %s', (_what, options) => {
    expect(warningsOf(options)).toEqual([]);
  });
});

describe('source as a function', () => {
  it('is asked each time, and taken for tokens where it is broken', () => {
    let answer: unknown = 'none';
    const { tokens } = resolveOptions({ ...good, source: () => answer as 'none' }, production);
    expect(tokens.source).toBe('none');
    answer = 'guest-tokens';
    expect(tokens.source).toBe('guest-tokens');
    answer = 'off';
    expect(tokens.source).toBe('guest-tokens');
    const broken = () => {
      throw new Error('no flag');
    };
    expect(resolveOptions({ ...good, source: broken }, production).tokens.source).toBe('guest-tokens');
  });

  it('that breaks a promise ends no process, and is a line once a minute', async () => {
    const error = vi.fn();
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
    const source = (() => Promise.reject(new Error('no flag'))) as never;
    const { tokens } = resolveOptions({ ...good, logger, source }, production);
    // vitest fails for a rejection that nobody handles.
    expect([tokens.source, tokens.source]).toEqual(['guest-tokens', 'guest-tokens']);
    await setImmediate();
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('needs what tokens need, whatever it says at start', () => {
    expect(issuesOf({ ...good, secrets: undefined, clientId: undefined, source: () => 'none' })).toEqual([
      expect.stringMatching(/^clientId is missing/),
      expect.stringMatching(/^secrets are missing/),
    ]);
  });
});
