// The guest tokens without HTTP: `createGuestTokens()`, and `guest.tokens` beside a request handler.
import type { Guest, OnboardingConfig } from '@genesys-guest/common';
import { ConfigurationError } from './errors.ts';
import { checkGuest } from './guest.ts';
import type { AuditEntry } from './observe/audit.ts';
import type { GuestTokenEvents } from './observe/observer.ts';
import type { Telemetry } from './observe/telemetry.ts';
import type { Core } from './tokens/core.ts';
import type { ObservedCore } from './tokens/create-core.ts';
import { guestConfig, publicConfig, tokenlessConfig } from './tokens/onboarding-config.ts';

/** Issues, caches and renews guest tokens. Every failure is a `GuestTokenError`. */
export interface GuestTokens {
  /**
   * What a page needs to chat as this guest: with a token, made if need be. An ageing token is answered at once while
   * one renewal runs behind it.
   * @throws GuestTokenError
   */
  onboard(guest: Guest): Promise<OnboardingConfig>;
  /**
   * As {@link onboard}, but waits for a token outside its renewal window. A token that is fresh is not made again; where
   * no new one can be had the old one is answered as long as it is good, and `renewIn` says when to ask again.
   * @throws GuestTokenError
   */
  renew(guest: Guest): Promise<OnboardingConfig>;
  /** Drops a guest's token, here and in a shared store. Whether there was one. */
  forget(externalId: string): Promise<boolean>;
  /** Figures since start, of this process. */
  telemetry(): Telemetry;
  /** The newest entries, oldest first. */
  auditLog(): AuditEntry[];
  /** Listens; the returned function stops that. A listener that throws is logged and harms nobody. */
  on<E extends keyof GuestTokenEvents>(event: E, listener: (detail: GuestTokenEvents[E]) => void): () => void;
  /** Finishes what is under way, within 10 s, and refuses the rest. Leaves no timer and no socket. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Shared by copies of this package, so that an ES module's tokens also work with a CommonJS handler. */
const CORE = Symbol.for('@genesys-guest/server/core');

export const guestTokens = (core: ObservedCore): GuestTokens => {
  const { settings, now, observer } = core;
  const { webchatId } = settings;
  const base = publicConfig(settings, webchatId);
  const config =
    (ask: Core['renew']) =>
    async (guest: Guest): Promise<OnboardingConfig> => {
      const checked = checkGuest(guest);
      if (settings.source === 'none') return tokenlessConfig(base, checked);
      const { token, retryIn } = await ask(webchatId, checked, { identified: true });
      return guestConfig(base, checked, token, settings, now(), retryIn);
    };
  const tokens: GuestTokens = {
    onboard: config(core.obtain),
    renew: config(core.renew),
    forget: async (externalId) => core.forget(webchatId, checkGuest({ externalId }).externalId),
    telemetry: observer.telemetry,
    auditLog: observer.auditLog,
    on: observer.on,
    close: core.close,
    [Symbol.asyncDispose]: core.close,
  };
  return Object.defineProperty(tokens, CORE, { value: core });
};

/** What stands behind guest tokens. @throws ConfigurationError where they are not of this package */
export const coreOf = (tokens: GuestTokens): Core => {
  const core = (tokens as { readonly [CORE]?: Core })[CORE];
  if (core) return core;
  throw new ConfigurationError([{ field: 'tokens', message: 'must be what createGuestTokens() returned' }]);
};
