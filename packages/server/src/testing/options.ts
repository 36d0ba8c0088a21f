// For tests of the options: a set that works, and what is said of one that does not.
import { expect, type Mock, vi } from 'vitest';
import { ConfigurationError } from '../lib/errors.ts';
import { resolveOptions } from '../options/handler-options.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import type { StoreFactory } from '../options/resolved-options.ts';

export const logger: Record<'debug' | 'info' | 'warn' | 'error', Mock> = {
  debug: vi.fn(),
  info: vi.fn(),
  warn: vi.fn(),
  error: vi.fn(),
};
export const good = {
  region: 'eu-west-1',
  clientId: 'client',
  clientSecret: 'client-secret',
  webchatId: 'web-1',
  secrets: ['a secret of the site, long enough'],
  logger,
} satisfies GenesysGuestOptions;
export const production = { NODE_ENV: 'production' };
export const sharedStore: StoreFactory = { kind: 'redis', open: () => undefined as never };
export const loopback = {
  oauthToken: 'http://localhost:4010/oauth/token',
  guestTokens: 'http://127.0.0.1:4010/api/v2/guest-tokens',
  bootstrap: 'http://[::1]:4010/genesys.min.js',
};

export const issuesOf = (options: object, env: Record<string, string> = production): string[] => {
  try {
    resolveOptions(options, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).errors.map(({ field, message }) => `${field} ${message}`);
  }
};
