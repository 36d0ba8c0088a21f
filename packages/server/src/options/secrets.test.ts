// Where secrets are required, and where random ones do.
import { describe, expect, it, vi } from 'vitest';
import { good, issuesOf, logger, loopback, production, sharedStore } from '../testing/options.ts';
import { resolveOptions } from './handler-options.ts';
import { resolveTokenOptions } from './token-options.ts';

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

  it('that are too short are told of once', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const given = { ...without, logger: undefined };
    expect(() => resolveOptions(given, { GENESYS_GUEST_SECRETS: 'short' })).toThrow(/32 characters/);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('are warned of on the console where there is no logger', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    resolveOptions({ ...without, logger: undefined }, { NODE_ENV: 'test' });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^genesys-guest: no secrets are set/)]]);
    warn.mockRestore();
  });
});
