// For tests of the request handler: guest tokens without a platform, that do what the test says.
import { freshness, type Guest, regionHosts } from '@genesys-guest/common';
import { vi } from 'vitest';
import { settleHandlerOptions } from '../options/handler-options.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import type { HandlerSettings, TokenSettings } from '../options/settings.ts';
import type { GuestToken } from '../store/store.ts';
import type { CallerOptions, Core } from '../tokens/core.ts';
import { testSettings } from './rig.ts';

export const SECRET = 'a secret of thirty-two characters or more';

/** Milliseconds since the epoch at which the fake core stands still. */
export const NOW = Date.UTC(2026, 10, 23, 12);

export interface FakeCore extends Core {
  readonly tokens: Map<string, GuestToken>;
  /** How a call to the platform goes; by default a token for an hour. */
  issue: (guest: Guest) => Promise<GuestToken>;
  readonly calls: readonly Guest[];
}

export const fakeToken = (
  guest: Guest,
  seconds = 3_600,
  webchatId = testSettings().webchatId,
): GuestToken => ({
  token: `token of ${guest.externalId}`,
  externalId: guest.externalId,
  webchatId,
  attributes: guest.attributes,
  issuedAt: NOW - 3_600_000,
  expiresAt: NOW + seconds * 1_000,
});

export const fakeCore = (overrides: Partial<TokenSettings> = {}): FakeCore => {
  const { region } = testSettings();
  const settings = testSettings({ secrets: [SECRET], endpoints: regionHosts(region), ...overrides });
  const tokens = new Map<string, GuestToken>();
  const calls: Guest[] = [];
  const name = (webchatId: string, externalId: string) => `${webchatId} ${externalId}`;
  const find: Core['find'] = async (webchatId, guest) => {
    const token = tokens.get(name(webchatId, guest.externalId));
    const state = token ? freshness(token, settings.renewBefore * 1_000, NOW) : 'missing';
    return { state, token: state === 'expired' ? undefined : token };
  };
  const renew = async (webchatId: string, guest: Guest, caller: CallerOptions = {}) => {
    const standing = await find(webchatId, guest);
    if (standing.state === 'fresh' && standing.token) return { token: standing.token };
    try {
      await caller.gate?.();
      calls.push(guest);
      const token = await core.issue(guest);
      tokens.set(name(webchatId, guest.externalId), token);
      return { token };
    } catch (error) {
      if (!standing.token) throw error;
      return { token: standing.token, retryIn: 30 };
    }
  };
  const core: FakeCore = {
    settings,
    tokens,
    calls,
    issue: async (guest) => fakeToken(guest),
    now: () => NOW,
    find,
    renew,
    obtain: renew,
    forget: async (webchatId, externalId) => tokens.delete(name(webchatId, externalId)),
    health: () => ({ ready: true, oauth: 'ok', breaker: 'closed', store: 'memory' }),
    close: vi.fn(async () => {}),
  };
  return core;
};

/** The handler's settings as a site beside this core would have them. */
export const fakeSettings = (core: Core, options: GenesysGuestOptions = {}): HandlerSettings =>
  settleHandlerOptions(options, core.settings, { NODE_ENV: 'production' });
