// What the environment says: options, the emulator, and how much is logged.
import { describe, expect, it, vi } from 'vitest';
import { good, issuesOf, logger, production } from '../testing/options.ts';
import { resolveOptions } from './handler-options.ts';
import type { GenesysGuestOptions } from './options.ts';

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
      region: { aws: 'eu-central-1' },
      ...{ webchatId: 'web-2', clientId: 'id' },
    });
    expect(tokens.clientSecret()).toBe('secret');
    expect(handler.secrets).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  });

  it('gives way to the options', () => {
    expect(resolveOptions(good, env).tokens).toMatchObject({
      region: { aws: 'eu-west-1' },
      webchatId: 'web-1',
    });
    expect(resolveOptions(good, env).handler.secrets).toEqual(good.secrets);
    // Secrets that are not set say nothing.
    const none = resolveOptions({ ...good, secrets: [undefined] }, env).handler.secrets;
    expect(none).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  });

  it.each([`"web-2"`, ` 'web-2'`])(
    'is not taken with the quotation marks of docker --env-file: %s',
    (text) => {
      const issues = issuesOf({}, { ...env, GENESYS_GUEST_WEBCHAT_ID: text, GENESYS_GUEST_SECRETS: text });
      expect(issues).toEqual([
        expect.stringMatching(/^GENESYS_GUEST_WEBCHAT_ID has quotation marks .*: take them away/),
        expect.stringMatching(/^GENESYS_GUEST_SECRETS has quotation marks/),
      ]);
    },
  );

  it('is held to the same rules', () => {
    const issues = issuesOf({}, { ...env, GENESYSCLOUD_REGION: 'nowhere', GENESYS_GUEST_SECRETS: 'short' });
    expect(issues).toEqual([
      expect.stringMatching(/^GENESYSCLOUD_REGION is not a region/),
      expect.stringMatching(/^GENESYS_GUEST_SECRETS\[0\] must be a string of 32/),
    ]);
  });
});

describe('the emulator', () => {
  const env = { GENESYS_GUEST_EMULATOR: 'http://127.0.0.1:4010/' };

  it('stands in for the platform, also where the platform is set', () => {
    const { tokens } = resolveOptions({ ...good, endpoints: {} }, env);
    expect(tokens).toMatchObject({
      clientId: 'emulator-client',
      endpoints: { oauthToken: 'http://127.0.0.1:4010/oauth/token' },
    });
    expect(tokens.clientSecret()).toBe('emulator-secret');
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

describe('the log', () => {
  const levelsOf = (options: GenesysGuestOptions, env = {}): string[] => {
    for (const method of Object.values(logger)) method.mockClear();
    const { log } = resolveOptions({ ...good, ...options }, { ...production, ...env }).tokens;
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

  it('says of a handler a line once a minute: strangers can cause it', () => {
    logger.warn.mockClear();
    const { log } = resolveOptions(good, production).handler;
    for (const nth of [1, 2]) log('warn', 'a line', { nth });
    expect(logger.warn.mock.calls).toEqual([['a line', { nth: 1 }]]);
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
