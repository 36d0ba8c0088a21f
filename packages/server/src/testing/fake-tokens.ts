// For tests of the request handler: guest tokens without a platform, that do what the test says.
import { type CheckedGuest, freshness, regionHosts } from '@genesys-guest/common';
import { vi } from 'vitest';
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { resolveOptions } from '../options/handler-options.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import type { GuestToken } from '../store/ports.ts';
import type { CallerOptions, TokenOptions } from '../tokens/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { testOptions } from './rig.ts';

export const SECRET = 'a secret of thirty-two characters or more';

/** Milliseconds since the epoch at which the fake tokens stand still. */
export const NOW = Date.UTC(2026, 10, 23, 12);

export interface FakeTokens extends Tokens {
  readonly tokens: Map<string, GuestToken>;
  /** Until when. */
  readonly revoked: Map<string, number>;
  /** How a call to the platform goes; by default a token for an hour. */
  call: (guest: CheckedGuest) => Promise<GuestToken>;
  readonly calls: readonly CheckedGuest[];
}

export const fakeToken = (
  guest: CheckedGuest,
  seconds = 3_600,
  webchatId = testOptions().webchatId,
): GuestToken => ({
  token: `token of ${guest.externalId}`,
  externalId: guest.externalId,
  webchatId,
  attributes: guest.attributes,
  issuedAt: NOW - 3_600_000,
  expiresAt: NOW + seconds * 1_000,
});

export const fakeTokens = (overrides: Partial<TokenOptions> = {}): FakeTokens => {
  const options = testOptions();
  const bootstrap = regionHosts(options.region).bootstrap;
  const tokens = new Map<string, GuestToken>();
  const calls: CheckedGuest[] = [];
  const revoked = new Map<string, number>();
  const name = (webchatId: string, externalId: string) => `${webchatId} ${externalId}`;
  const find: Tokens['find'] = async (webchatId, guest) => {
    const token = tokens.get(name(webchatId, guest.externalId));
    const state = token ? freshness(token, options.renewBefore * 1_000, NOW) : 'missing';
    return { state, token: state === 'expired' ? undefined : token };
  };
  const renew = async (webchatId: string, guest: CheckedGuest, caller: CallerOptions = {}) => {
    const found = caller.found ?? (await fake.find(webchatId, guest));
    if (found.state === 'fresh' && found.token) return { token: found.token };
    try {
      calls.push(guest);
      const token = await fake.call(guest);
      tokens.set(name(webchatId, guest.externalId), token);
      return { token };
    } catch (error) {
      if (!found.token) throw error;
      return { token: found.token, renewIn: 30 };
    }
  };
  const fake: FakeTokens = {
    options: { ...options, bootstrap, ...overrides },
    tokens,
    revoked,
    calls,
    call: async (guest) => fakeToken(guest),
    now: () => NOW,
    find,
    isIssuing: () => false,
    renew,
    forget: async (webchatId, externalId, revokeUntil) => {
      const had = tokens.delete(name(webchatId, externalId));
      if (had && revokeUntil !== undefined) revoked.set(name(webchatId, externalId), revokeUntil);
      return had;
    },
    isRevoked: (webchatId, externalId) => revoked.has(name(webchatId, externalId)),
    erase: async () => false,
    health: () => ({
      ...{ ready: true, oauth: 'ok', breaker: 'closed', store: 'memory', failing: [], instances: 1 },
      ...{ budget: { perMinute: 300, left: 300, waiting: 0 }, version: '1.2.3' },
    }),
    close: vi.fn(async () => {}),
  };
  return fake;
};

/** The handler's options as a site beside these tokens would have them. */
export const fakeHandlerOptions = (fake: Tokens, options: GenesysGuestOptions = {}): ResolvedHandlerOptions =>
  resolveOptions(
    options,
    { NODE_ENV: 'production' },
    {
      ...testOptions(fake.options),
      secrets: [SECRET],
      cookieless: fake.options.source === 'none',
    },
  ).handler;
