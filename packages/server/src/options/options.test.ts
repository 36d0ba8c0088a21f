// What the options come to: from the environment, by default, and together.
import { describe, expect, it, vi } from 'vitest';
import { redisStore } from '../redis/redis-store.ts';
import { memoryStore } from '../store/memory-store.ts';
import { good, issuesOf, logger, loopback, production, sharedStore } from '../testing/options.ts';
import { resolveOptions } from './handler-options.ts';
import type { GenesysGuestOptions } from './options.ts';
import { resolveTokenOptions } from './token-options.ts';

describe('the environment', () => {
  const env = {
    ...production,
    GENESYSCLOUD_REGION: 'mypurecloud.de',
    GENESYSCLOUD_OAUTHCLIENT_ID: 'id',
    GENESYSCLOUD_OAUTHCLIENT_SECRET: 'secret',
    GENESYS_GUEST_WEBCHAT_ID: 'web-2',
    GENESYS_GUEST_SECRETS: `${'a'.repeat(32)}, ${'b'.repeat(32)},`,
  };

  it('says what the options do not', () => {
    const { tokens, handler } = resolveOptions({}, env);
    expect(tokens).toMatchObject({
      tokens: { region: { aws: 'eu-central-1' }, webchatId: 'web-2' },
      upstream: { clientId: 'id' },
    });
    expect(tokens.upstream.clientSecret()).toBe('secret');
    expect(handler.secrets).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  });

  it('gives way to the options', () => {
    expect(resolveOptions(good, env).tokens).toMatchObject({
      tokens: { region: { aws: 'eu-west-1' }, webchatId: 'web-1' },
    });
    expect(resolveOptions(good, env).handler.secrets).toEqual(good.secrets);
  });

  it('is held to the same rules', () => {
    const faults = issuesOf({}, { ...env, GENESYSCLOUD_REGION: 'nowhere', GENESYS_GUEST_SECRETS: 'short' });
    expect(faults).toEqual([
      expect.stringMatching(/^GENESYSCLOUD_REGION is not a region/),
      expect.stringMatching(/^GENESYS_GUEST_SECRETS\[0\] must be a string of 32/),
    ]);
  });
});

describe('secrets', () => {
  const without = { ...good, secrets: undefined };

  it.each([
    ['development', { NODE_ENV: 'development' }, {}],
    ['a test', { NODE_ENV: 'test' }, {}],
    ['endpoints on loopback', {}, { endpoints: loopback }],
    ['the emulator', { GENESYS_GUEST_EMULATOR: 'http://emulator:4010' }, {}],
    ['secrets that are not set', { NODE_ENV: 'test' }, { secrets: [undefined] }],
  ])('are made at random, with a warning, for %s', (_where, env, more) => {
    logger.warn.mockClear();
    const one = resolveOptions({ ...without, ...more }, env).handler.secrets;
    const two = resolveOptions({ ...without, ...more }, env).handler.secrets;
    expect(one[0]).toMatch(/^[\w-]{43}$/);
    expect(one).not.toEqual(two);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    expect(logger.warn.mock.calls[0]?.[0]).toContain('no secrets are set');
  });

  it.each([
    ['production', production, {}],
    ['production, also with endpoints on loopback', production, { endpoints: loopback }],
    ['an environment without a name', {}, {}],
    ['one endpoint beyond loopback', {}, { endpoints: { ...loopback, bootstrap: undefined } }],
    ['a shared store', { NODE_ENV: 'development' }, { store: sharedStore }],
    [
      'a host that only looks like loopback',
      {},
      {
        endpoints: { ...loopback, bootstrap: 'https://localhost.example/x.js' },
      },
    ],
  ])('are required for %s', (_where, env, more) => {
    expect(issuesOf({ ...without, ...more }, env)).toEqual([
      expect.stringMatching(/^secrets are (missing|needed)/),
    ]);
  });

  it('are needed for no visitor cookie without tokens, and for none without HTTP', () => {
    expect(issuesOf({ ...without, source: 'none', clientId: undefined, clientSecret: undefined })).toEqual(
      [],
    );
    expect(resolveTokenOptions(without, production).secrets).toEqual([]);
    expect(() => resolveTokenOptions({ ...without, store: sharedStore }, production)).toThrow(/shared store/);
  });

  it('are warned of on the console where there is no logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    resolveOptions({ ...without, logger: undefined }, { NODE_ENV: 'test' });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^genesys-guest: no secrets are set/)]]);
    warn.mockRestore();
  });
});

describe('the defaults', () => {
  it('are those of the contract', () => {
    const { tokens, handler } = resolveOptions(good, production);
    expect(tokens).toMatchObject({
      tokens: { source: 'guest-tokens', tokenLifetime: 86_400, renewBefore: 300 },
      endpoints: {
        oauthToken: 'https://login.mypurecloud.ie/oauth/token',
        guestTokens: 'https://api.mypurecloud.ie/api/v2/guest-tokens',
        bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
      },
      store: { kind: 'memory' },
      upstream: { perMinute: 300, concurrency: 32, maxQueue: 1_000, timeout: 5_000, deadline: 15_000 },
      observe: { audit: { pseudonymize: false, sink: undefined } },
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
    expect(resolveOptions({ ...good, upstream }, production).tokens.upstream).toMatchObject(expected);
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
  ])('%s is no fault', (_what, options, env) => {
    expect(issuesOf({ ...good, ...options }, env)).toEqual([]);
  });

  it('keys the audit alike on every instance, by its own key where it has one', () => {
    const key = (options: GenesysGuestOptions) =>
      resolveOptions({ ...good, ...options }, production).tokens.observe.audit.key;
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

describe('the emulator', () => {
  const env = { GENESYS_GUEST_EMULATOR: 'http://127.0.0.1:4010/' };

  it('stands in for the platform, also where the platform is set', () => {
    const { upstream, tokens } = resolveOptions({ ...good, endpoints: {} }, env).tokens;
    expect(upstream).toMatchObject({
      clientId: 'emulator-client',
      endpoints: { oauthToken: 'http://127.0.0.1:4010/oauth/token' },
    });
    expect(upstream.clientSecret()).toBe('emulator-secret');
    expect(tokens.bootstrap).toBe('http://127.0.0.1:4010/genesys-bootstrap/genesys.min.js');
    expect(issuesOf({ ...good, clientId: undefined, clientSecret: undefined }, env)).toEqual([]);
  });

  it('is refused in production, and where it is no URL', () => {
    expect(issuesOf(good, { ...env, ...production })).toEqual([
      expect.stringMatching(/^GENESYS_GUEST_EMULATOR is refused with NODE_ENV=production/),
    ]);
    expect(issuesOf(good, { GENESYS_GUEST_EMULATOR: '4010' })).toEqual([
      expect.stringMatching(/^GENESYS_GUEST_EMULATOR must be the emulator's URL/),
    ]);
  });
});

describe('source as a function', () => {
  it('is asked each time, and taken for tokens where it is broken', () => {
    let answer: unknown = 'none';
    const { tokens } = resolveOptions({ ...good, source: () => answer as 'none' }, production).tokens;
    expect(tokens.source).toBe('none');
    answer = 'guest-tokens';
    expect(tokens.source).toBe('guest-tokens');
    answer = 'off';
    expect(tokens.source).toBe('guest-tokens');
    const broken = () => {
      throw new Error('no flag');
    };
    expect(resolveOptions({ ...good, source: broken }, production).tokens.tokens.source).toBe('guest-tokens');
  });

  it('needs what tokens need, whatever it says at start', () => {
    expect(issuesOf({ ...good, secrets: undefined, clientId: undefined, source: () => 'none' })).toEqual([
      expect.stringMatching(/^clientId is missing/),
      expect.stringMatching(/^secrets are missing/),
    ]);
  });
});

describe('the log', () => {
  const levelsOf = (options: GenesysGuestOptions, env = {}): string[] => {
    for (const method of Object.values(logger)) method.mockClear();
    const { log } = resolveOptions({ ...good, ...options }, { ...production, ...env }).handler;
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, 'a line');
    return Object.keys(logger).filter((level) => logger[level as 'info'].mock.calls.length > 0);
  };

  it.each([
    [undefined, ['info', 'warn', 'error']],
    ['trace', ['debug', 'info', 'warn', 'error']],
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['fatal', []],
    ['silent', []],
  ] as const)('at the level %s has %j', (logLevel, levels) => {
    expect(levelsOf({ logLevel })).toEqual(levels);
  });

  it.each(['genesys-guest', 'express:*, genesys-guest', '*', 'genesys-guest:*'])(
    'has everything with DEBUG=%s',
    (DEBUG) => {
      expect(levelsOf({ logLevel: 'error' }, { DEBUG })).toContain('debug');
    },
  );

  it('has no more with the DEBUG of others', () => {
    expect(levelsOf({}, { DEBUG: 'express:*,genesys-guest-other' })).not.toContain('debug');
  });

  it('goes to the console with DEBUG and without a logger', () => {
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
    const { log } = resolveOptions(
      { ...good, logger: undefined },
      { ...production, DEBUG: 'genesys-guest' },
    ).handler;
    log('debug', 'a line');
    expect(debug).toHaveBeenCalledOnce();
    debug.mockRestore();
  });
});
