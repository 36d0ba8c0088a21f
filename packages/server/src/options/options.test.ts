// Every fault of the options is named at once, with how to mend it and without a value that might be a secret.
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { StoreFactory } from '../store/store.ts';
import { settleOptions } from './handler-options.ts';
import type { GenesysGuestOptions } from './options.ts';
import { settleTokenOptions } from './token-options.ts';

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const good = {
  region: 'eu-west-1',
  clientId: 'client',
  clientSecret: 'client-secret',
  webchatId: 'web-1',
  secrets: ['s'.repeat(32)],
  logger,
} satisfies GenesysGuestOptions;
const production = { NODE_ENV: 'production' };
const sharedStore: StoreFactory = { kind: 'redis', open: () => undefined as never };
const loopback = {
  oauthToken: 'http://localhost:4010/oauth/token',
  guestTokens: 'http://127.0.0.1:4010/api/v2/guest-tokens',
  bootstrap: 'http://[::1]:4010/genesys.min.js',
};

const faultsOf = (options: object, env: Record<string, string> = production): string[] => {
  try {
    settleOptions(options, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).errors.map(({ field, message }) => `${field} ${message}`);
  }
};

describe('a fault', () => {
  it.each([
    [{ regoin: 'eu-west-1' }, /^regoin is not an option; did you mean `region`\?$/],
    [{ upstream: { perMinuet: 3 } }, /^upstream\.perMinuet is not an option; did you mean `perMinute`\?$/],
    [{ cookie: { samesite: 'Lax' } }, /^cookie\.samesite .*`sameSite`/],
    [{ endpoints: { oauth: 'https://x.example/' } }, /^endpoints\.oauth .*`oauthToken`/],
    [{ audit: { keys: 'x' } }, /^audit\.keys .*`key`/],
    [{ region: 'eu-wset-1' }, /^region is not a region.*'eu-west-1'/],
    [{ region: 7 }, /^region must be a region/],
    [{ clientId: '' }, /^clientId is empty/],
    [{ clientId: 'client\n' }, /^clientId has white space/],
    [{ clientSecret: 'secret\n' }, /^clientSecret has white space around it/],
    [{ clientSecret: 7 }, /^clientSecret must be .* or a function/],
    [{ webchatId: null }, /^webchatId must be the Messenger deployment's id/],
    [{ secrets: ['short'] }, /^secrets\[0\] must be a string of 32 characters or more/],
    [{ secrets: 'one string'.repeat(9) }, /^secrets must be an array/],
    [{ source: 'guest-token' }, /^source must be 'guest-tokens' or 'none'/],
    [{ tokenLifetime: 0 }, /^tokenLifetime must be a whole number of seconds from 1/],
    [{ tokenLifetime: '60' }, /^tokenLifetime must be a whole number/],
    [{ renewBefore: -1 }, /^renewBefore must be a whole number of seconds from 0/],
    [{ renewBefore: 1.5 }, /^renewBefore must be a whole number/],
    [
      { endpoints: { oauthToken: '/oauth/token' } },
      /^endpoints\.oauthToken must be a full http or https URL/,
    ],
    [
      { endpoints: { guestTokens: 'https://a:b@x.example/' } },
      /^endpoints\.guestTokens .* without user name/,
    ],
    [{ endpoints: { bootstrap: 'ftp://x.example/' } }, /^endpoints\.bootstrap/],
    [{ endpoints: 'https://x.example' }, /^endpoints must be an object/],
    [{ store: {} }, /^store must be what memoryStore/],
    [{ upstream: { perMinute: 0 } }, /^upstream\.perMinute must be a whole number of calls from 1/],
    [{ upstream: { concurrency: Number.POSITIVE_INFINITY } }, /^upstream\.concurrency must be/],
    [{ upstream: { maxQueue: -1 } }, /^upstream\.maxQueue must be/],
    [{ upstream: { timeout: 0 } }, /^upstream\.timeout must be .* milliseconds/],
    [{ upstream: { timeout: 9_000, deadline: 8_000 } }, /^upstream\.timeout is over `upstream\.deadline`/],
    [{ onInvalidate: 'log' }, /^onInvalidate must be a function/],
    [{ audit: { key: 'short' } }, /^audit\.key must be a string of 32/],
    [{ logger: { log: () => {} } }, /^logger must have the methods/],
    [{ identify: 'member' }, /^identify must be a function: \(req\)/],
    [{ whenUnavailable: 'ignore' }, /^whenUnavailable must be 'anonymous' or 'fail'/],
    [{ patience: -1 }, /^patience must be a whole number of milliseconds/],
    [{ mintsPerMinute: 0 }, /^mintsPerMinute must be/],
    [{ clientAddress: '1.2.3.4' }, /^clientAddress must be a function/],
    [{ admit: true }, /^admit must be a function/],
    [{ allowedOrigins: ['*'] }, /^allowedOrigins\[0\] '\*' is refused/],
    [{ allowedOrigins: ['null'] }, /^allowedOrigins\[0\] 'null' is refused/],
    [{ allowedOrigins: ['https://a.example/path'] }, /^allowedOrigins\[0\] .*write 'https:\/\/a\.example'/],
    [{ allowedOrigins: ['a.example'] }, /^allowedOrigins\[0\] must be an origin.* such as/],
    [{ allowedOrigins: 'https://a.example' }, /^allowedOrigins must be an array/],
    [
      { allowedOrigins: ['https://a.example'] },
      /^allowedOrigins .*sameSite: 'None', secure: true.*publicOrigin/,
    ],
    [
      { allowedOrigins: ['https://a.example'], publicOrigin: 'https://b.example' },
      /^allowedOrigins browsers send no SameSite=Lax/,
    ],
    [{ publicOrigin: 'https://a.example/' }, /^publicOrigin must be an origin.*write 'https:\/\/a\.example'/],
    [{ cookie: { name: 'with space' } }, /^cookie\.name must be a cookie name/],
    [{ cookie: { maxAge: 40_000_000 } }, /^cookie\.maxAge must be .* to 34560000/],
    [{ cookie: { sameSite: 'lax' } }, /^cookie\.sameSite must be 'Lax' or 'Strict' or 'None'/],
    [{ cookie: { secure: false } }, /^cookie\.secure may be false in development alone/],
    [{ cookie: { domain: '.example.com', name: 'x' } }, /^cookie\.domain must be a domain/],
    [{ cookie: { domain: 'example.com' } }, /^cookie\.domain cannot go with a name that begins with __Host-/],
    [{ cookie: { name: '__Host-x', domain: 'example.com' } }, /^cookie\.domain cannot go with/],
    [
      { cookie: { name: 'x', domain: 'b.example' }, publicOrigin: 'https://a.example' },
      /^cookie\.domain must be the host of `publicOrigin` or above it/,
    ],
    [{ tokens: {} }, /^tokens must be what createGuestTokens/],
  ])('in %j is named', (options, fault) => {
    const faults = faultsOf({ ...good, ...options });
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  it.each([
    [{ cookie: { sameSite: 'None', secure: false } }, /`sameSite: None`/],
    [{ cookie: { partitioned: true, secure: false } }, /`partitioned`/],
    [{ cookie: { name: '__Host-x', secure: false } }, /__Host-/],
    [{ cookie: { name: '__Secure-x', secure: false } }, /__Secure-/],
    [{ cookie: { domain: 'example.com' } }, /__Host-/],
    [{ allowedOrigins: ['https://shop.example'] }, /SameSite=Lax/],
  ])('in %j is one in development too', (options, fault) => {
    expect(faultsOf({ ...good, ...options }, { NODE_ENV: 'development' })).toEqual([
      expect.stringMatching(fault),
    ]);
  });

  it('hides no other: all are in one error, which lists them', () => {
    const options = {
      regoin: 'x',
      tokenLifetime: -1,
      cookie: { maxAge: 0, secure: false },
      patience: 'long',
    };
    const faults = faultsOf(options);
    expect(faults).toHaveLength(10);
    expect(() => settleOptions(options as never, production)).toThrow(
      /not configured correctly:\n {2}- (.+\n){9} {2}- /,
    );
  });

  it('is said without the value', () => {
    const secret = 'hunter2-hunter2';
    const options = {
      ...good,
      clientSecret: ` ${secret}`,
      secrets: [secret],
      audit: { key: secret },
      endpoints: { oauthToken: `https://me:${secret}@x.example/` },
    };
    const env = { ...production, GENESYS_GUEST_SECRETS: secret };
    for (const faults of [faultsOf(options), faultsOf({ ...good, secrets: undefined }, env)]) {
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.join()).not.toContain(secret);
    }
  });

  it('is it to leave out what is required', () => {
    expect(faultsOf({})).toEqual([
      'region is missing: set `region` or the environment variable GENESYSCLOUD_REGION',
      'webchatId is missing: set `webchatId` or the environment variable GENESYS_GUEST_WEBCHAT_ID',
      'clientId is missing: set `clientId` or the environment variable GENESYSCLOUD_OAUTHCLIENT_ID',
      'clientSecret is missing: set `clientSecret` or the environment variable GENESYSCLOUD_OAUTHCLIENT_SECRET',
      expect.stringMatching(/^secrets are missing: set `secrets` or the environment variable/),
    ]);
  });
});

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
    const { tokens, handler } = settleOptions({}, env);
    expect(tokens).toMatchObject({ region: { aws: 'eu-central-1' }, clientId: 'id', webchatId: 'web-2' });
    expect(tokens.clientSecret()).toBe('secret');
    expect(handler.secrets).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  });

  it('gives way to the options', () => {
    expect(settleOptions(good, env).tokens).toMatchObject({
      region: { aws: 'eu-west-1' },
      webchatId: 'web-1',
    });
    expect(settleOptions(good, env).handler.secrets).toEqual(good.secrets);
  });

  it('is held to the same rules', () => {
    const faults = faultsOf({}, { ...env, GENESYSCLOUD_REGION: 'nowhere', GENESYS_GUEST_SECRETS: 'short' });
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
    ['endpoints on loopback', production, { endpoints: loopback }],
    ['secrets that are not set', { NODE_ENV: 'test' }, { secrets: [undefined] }],
  ])('are made at random, with a warning, for %s', (_where, env, more) => {
    logger.warn.mockClear();
    const one = settleOptions({ ...without, ...more }, env).handler.secrets;
    const two = settleOptions({ ...without, ...more }, env).handler.secrets;
    expect(one[0]).toMatch(/^[\w-]{43}$/);
    expect(one).not.toEqual(two);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    expect(logger.warn.mock.calls[0]?.[0]).toContain('no secrets are set');
  });

  it.each([
    ['production', production, {}],
    ['an environment without a name', {}, {}],
    ['one endpoint beyond loopback', production, { endpoints: { ...loopback, bootstrap: undefined } }],
    ['a shared store', { NODE_ENV: 'development' }, { store: sharedStore }],
    [
      'a host that only looks like loopback',
      production,
      {
        endpoints: { ...loopback, bootstrap: 'https://localhost.example/x.js' },
      },
    ],
  ])('are required for %s', (_where, env, more) => {
    expect(faultsOf({ ...without, ...more }, env)).toEqual([
      expect.stringMatching(/^secrets are (missing|needed)/),
    ]);
  });

  it('are needed for no visitor cookie without tokens, and for none without HTTP', () => {
    expect(faultsOf({ ...without, source: 'none', clientId: undefined, clientSecret: undefined })).toEqual(
      [],
    );
    expect(settleTokenOptions(without, production).secrets).toEqual([]);
    expect(() => settleTokenOptions({ ...without, store: sharedStore }, production)).toThrow(/shared store/);
  });

  it('are warned of on the console where there is no logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    settleOptions({ ...without, logger: undefined }, { NODE_ENV: 'test' });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^genesys-guest: no secrets are set/)]]);
    warn.mockRestore();
  });
});

describe('the defaults', () => {
  it('are those of the contract', () => {
    const { tokens, handler } = settleOptions(good, production);
    expect(tokens).toMatchObject({
      source: 'guest-tokens',
      tokenLifetime: 86_400,
      renewBefore: 300,
      endpoints: {
        oauthToken: 'https://login.mypurecloud.ie/oauth/token',
        guestTokens: 'https://api.mypurecloud.ie/api/v2/guest-tokens',
        bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
      },
      store: { kind: 'memory' },
      upstream: { perMinute: 300, concurrency: 32, maxQueue: 1_000, timeout: 5_000, deadline: 15_000 },
      audit: { pseudonymize: false, sink: undefined },
    });
    expect(handler).toMatchObject({
      whenUnavailable: 'anonymous',
      patience: 2_000,
      mintsPerMinute: 30,
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

  it('of the cookie do without https in development', () => {
    const { cookie } = settleOptions(good, { NODE_ENV: 'development' }).handler;
    expect(cookie).toMatchObject({ name: expect.stringMatching(/^genesys-guest-/), secure: false });
  });

  it('tell deployments apart by the name of their cookies', () => {
    const names = ['web-1', 'web-2'].map(
      (webchatId) => settleOptions({ ...good, webchatId }, production).handler.cookie.name,
    );
    expect(new Set(names).size).toBe(2);
  });

  it.each([
    [{ timeout: 20_000 }, { timeout: 20_000, deadline: 20_000 }],
    [{ deadline: 1_000 }, { timeout: 1_000, deadline: 1_000 }],
  ])('of the upstream follow %j', (upstream, expected) => {
    expect(settleOptions({ ...good, upstream }, production).tokens.upstream).toMatchObject(expected);
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
      'another host of the same site',
      { allowedOrigins: ['https://shop.our.example'], publicOrigin: 'https://www.our.example' },
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
    expect(faultsOf({ ...good, ...options }, env)).toEqual([]);
  });

  it('is warned of where it can be read on the way', () => {
    logger.warn.mockClear();
    settleOptions({ ...good, endpoints: { oauthToken: 'http://gateway.example/token' } }, production);
    expect(logger.warn.mock.calls[0]?.[0]).toMatch(/^endpoints\.oauthToken is plain http/);
  });

  it('keys the audit alike on every instance, by its own key where it has one', () => {
    const key = (options: GenesysGuestOptions) =>
      settleOptions({ ...good, ...options }, production).tokens.audit.key;
    expect(key({})).toBe(key({}));
    expect(key({})).not.toContain(good.secrets[0]);
    expect(key({ audit: { key: 'k'.repeat(32) } })).toBe('k'.repeat(32));
  });
});
