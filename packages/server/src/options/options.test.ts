// What the options come to: from the environment, by default, and together.
import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from '../store/memory-store.ts';
import { faultsOf, good, logger, loopback, production, sharedStore } from '../testing/options.ts';
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
    const one = resolveOptions({ ...without, ...more }, env).handler.secrets;
    const two = resolveOptions({ ...without, ...more }, env).handler.secrets;
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

  it('of the cookie do without https in development', () => {
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
    resolveOptions({ ...good, endpoints: { oauthToken: 'http://gateway.example/token' } }, production);
    expect(logger.warn.mock.calls[0]?.[0]).toMatch(/^endpoints\.oauthToken is plain http/);
  });

  it('keys the audit alike on every instance, by its own key where it has one', () => {
    const key = (options: GenesysGuestOptions) =>
      resolveOptions({ ...good, ...options }, production).tokens.observe.audit.key;
    expect(key({})).toBe(key({}));
    expect(key({})).not.toContain(good.secrets[0]);
    expect(key({ audit: { key: 'k'.repeat(32) } })).toBe('k'.repeat(32));
  });
});
