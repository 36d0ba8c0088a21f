// The guest tokens without HTTP: `createGuestTokens()`, and `guest.tokens` beside a request handler.
import type { CheckedGuest, Guest, OnboardingConfig } from '@genesys-guest/common';
import { ConfigurationError } from '../lib/errors.ts';
import type { AuditEntry } from '../observe/audit-entry.ts';
import type { GuestTokenEvents, Observer } from '../observe/observer.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { RateCounter, SingleUse } from '../store/ports.ts';
import { checkGuest } from './guest.ts';
import { createConfigWriter, NEVER, publicConfig } from './onboarding-config.ts';
import type { CloseOptions, Outcome } from './ports.ts';
import type { Tokens } from './token-service.ts';

/** Issues, caches and renews guest tokens. Every failure is a `GuestTokenError`. */
export interface GuestTokens {
  /**
   * What a page needs to chat as this guest: with a token, issued if need be. An ageing token is answered at once while
   * one renewal runs behind it. What `visitor(req)` returned is a guest, too.
   * @throws GuestTokenError
   */
  onboard(guest: Guest): Promise<OnboardingConfig>;
  /**
   * As {@link onboard}, but waits for a token outside its renewal window. A token that is fresh is not issued again; where
   * no new one can be had the old one is answered as long as it is good, and `renewIn` says when to ask again.
   * @throws GuestTokenError
   */
  renew(guest: Guest): Promise<OnboardingConfig>;
  /** Drops a guest's token, here and in a shared store. @returns whether there was a token, or one being issued */
  forget(externalId: string): Promise<boolean>;
  /**
   * Erases a person: the tokens of every webchat that the store has seen, audit entries in memory and events that wait,
   * here at once and in other instances within a minute. It does not reach the audit sink, events already sent, or Genesys Cloud. The audit notes it by a keyed hash.
   * @returns whether something was erased
   * @throws GuestTokenError `store_unavailable` where a shared store does not answer: ask again
   */
  erase(externalId: string): Promise<boolean>;
  /** Figures since start, of this process. */
  telemetry(): Telemetry;
  /** The newest entries, oldest first. */
  auditLog(): AuditEntry[];
  /** Listens; the returned function stops that. A listener that throws is logged and harms nobody. */
  on<E extends keyof GuestTokenEvents>(event: E, listener: (detail: GuestTokenEvents[E]) => void): () => void;
  /** Finishes what is under way, within the time limit, and refuses the rest. Leaves no timer and no socket. */
  close(options?: CloseOptions): Promise<void>;
  /** As {@link close}. */ [Symbol.asyncDispose](): Promise<void>;
}

/** What stands behind guest tokens, for a handler that shares them. */
export interface Behind<Options> {
  readonly service: Tokens;
  readonly observer: Observer;
  readonly options: Options;
  /** Counts addresses and guests across instances, where the store is a shared one. */
  readonly counter: RateCounter | undefined;
  /** What can be had once, across instances where the store is a shared one. */
  readonly store: SingleUse;
}

/**
 * Shared by copies of this package, so that an ES module's tokens also work with a CommonJS handler. A WeakMap and not a
 * property: what inspects the tokens sees no secret.
 */
const REGISTRY = Symbol.for('@genesys-guest/server/guest-tokens');
const registry = (): WeakMap<GuestTokens, Behind<unknown>> => {
  const home = globalThis as { [REGISTRY]?: WeakMap<GuestTokens, Behind<unknown>> };
  home[REGISTRY] ??= new WeakMap();
  return home[REGISTRY];
};

/** @param webchatId of the deployment for whose pages they are issued */
export const guestTokens = (
  behind: Behind<unknown>,
  webchatId = behind.service.options.webchatId,
): GuestTokens => {
  const { service, observer } = behind;
  const { options } = service;
  const write = createConfigWriter(publicConfig(options, webchatId), service);
  const config =
    (ask: (guest: CheckedGuest) => Promise<Outcome>) =>
    async (guest: Guest): Promise<OnboardingConfig> => {
      const checked = checkGuest(withoutVisit(guest));
      const outcome = options.source === 'none' ? { renewIn: NEVER } : await ask(checked);
      return JSON.parse(write(checked, outcome)) as OnboardingConfig;
    };
  const known = { priority: 'known' } as const;
  const close = (options?: CloseOptions) => service.close(options);
  const tokens: GuestTokens = {
    onboard: config((guest) => service.renew(webchatId, guest, { ...known, mayAge: true })),
    renew: config((guest) => service.renew(webchatId, guest, known)),
    forget: async (externalId) => service.forget(webchatId, checkGuest({ externalId }).externalId),
    erase: async (externalId) => service.erase(checkGuest({ externalId }).externalId),
    telemetry: observer.telemetry,
    auditLog: observer.auditLog,
    on: observer.on,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
  registry().set(tokens, behind);
  return tokens;
};

/** What `visitor(req)` returned says more than who it is. */
const withoutVisit = (guest: Guest): Guest =>
  Object.hasOwn(Object(guest), 'signedIn')
    ? { externalId: guest.externalId, attributes: guest.attributes }
    : guest;

/** What stands behind guest tokens. @throws ConfigurationError where they are not of this package */
export const behind = <Options>(tokens: GuestTokens): Behind<Options> => {
  const found = registry().get(tokens);
  if (found) return found as Behind<Options>;
  throw new ConfigurationError([{ field: 'tokens', message: 'must be what createGuestTokens() returned' }]);
};
