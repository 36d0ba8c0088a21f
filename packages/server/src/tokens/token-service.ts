// Finds a guest's token, judges how fresh it is, and issues or renews it once for all callers.
import { isDeepStrictEqual } from 'node:util';
import { type CheckedGuest, freshness } from '@genesys-guest/common';
import { monotonicNow } from '../lib/clock.ts';
import { GuestTokenError, isGuestTokenError } from '../lib/errors.ts';
import { chain, isPromise } from '../lib/promise.ts';
import { within } from '../lib/timers.ts';
import { version } from '../lib/version.ts';
import type { Observer, Subject } from '../observe/observer.ts';
import { nameOf } from '../store/guest-name.ts';
import type { GuestToken, Store } from '../store/ports.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { closed, unavailable } from '../upstream/upstream-error.ts';
import type { CallerOptions, CloseOptions, Found, Health, Outcome, TokenOptions } from './ports.ts';
import { SingleFlight } from './single-flight.ts';

export interface TokenServiceContext {
  readonly store: Store;
  readonly upstream: Upstream;
  readonly observer: Observer;
  /** Milliseconds; the clock that every token is judged by. */
  readonly now: () => number;
}

/** For one guest at most one new token in so many ms because its attributes changed. */
const ATTRIBUTES_PAUSE = 300_000;

/** Seconds until the next try where a renewal failed and nothing says how long to wait. */
const RETRY_IN = 30;

const CLOSE_TIMEOUT = 10_000;

/** The service as others see it: for those above who use it, and for tests that stand in for it. */
export type Tokens = Pick<TokenService, keyof TokenService>;

export class TokenService {
  readonly options: TokenOptions;
  readonly now: () => number;
  readonly #store: Store;
  readonly #upstream: Upstream;
  readonly #observer: Observer;
  readonly #issues = new SingleFlight<GuestToken>();
  #closing: Promise<void> | undefined;

  constructor(options: TokenOptions, { store, upstream, observer, now }: TokenServiceContext) {
    this.options = options;
    this.now = now;
    this.#store = store;
    this.#upstream = upstream;
    this.#observer = observer;
  }

  /** The token at hand. Never calls Genesys. Synchronous where the token lies in memory. */
  find(webchatId: string, guest: CheckedGuest): Found | Promise<Found> {
    const token = this.#store.find({ webchatId, externalId: guest.externalId });
    return chain(token, (found) => this.#judge(found, guest));
  }

  /** Whether a call for this guest is under way in this process: a caller who joins it causes no other. */
  isIssuing(webchatId: string, { externalId }: CheckedGuest): boolean {
    return this.#issues.has(nameOf({ webchatId, externalId }));
  }

  /**
   * A token outside its renewal window, issued if need be; where none can be had, the old one as long as it is good.
   * @throws GuestTokenError
   */
  async renew(webchatId: string, guest: CheckedGuest, caller: CallerOptions = {}): Promise<Outcome> {
    const looked = caller.found ?? this.find(webchatId, guest);
    const found = isPromise(looked) ? await looked : looked;
    const { state, token } = found;
    if (token && (state === 'fresh' || (state === 'ageing' && caller.mayAge))) {
      // Nobody waits for it, and its failure is with the observer.
      if (state === 'ageing')
        this.#issueOnce(webchatId, guest, found, { ...caller, signal: undefined }).catch(() => {});
      this.#observer.count('cacheStates', state);
      return { token };
    }
    try {
      return { token: await this.#issueOnce(webchatId, guest, found, caller) };
    } catch (error) {
      // The renewal failed, but the old token is still good: it is used until it expires.
      if (!token || this.now() >= token.expiresAt) throw error;
      return { token, renewIn: (isGuestTokenError(error) && error.retryAfter) || RETRY_IN };
    }
  }

  /**
   * Drops a guest's token, here and in a shared store. A guest who has no token, and for whom none is being issued, leaves
   * no trace in any store.
   * @param revokeUntil for an anonymous guest: when the cookie ends by itself, in milliseconds of the clock. Until then
   * nothing is issued for it
   * @returns whether there was a token, or one being issued
   */
  async forget(webchatId: string, externalId: string, revokeUntil?: number): Promise<boolean> {
    const key = { webchatId, externalId };
    if (!(await this.#store.forget(key, revokeUntil))) return false;
    this.#observer.forgotten('FORGOTTEN', key);
    return true;
  }

  /** Whether an anonymous guest was forgotten: the cookie is dead. */
  isRevoked(webchatId: string, externalId: string): boolean | Promise<boolean> {
    return this.#store.revoked({ webchatId, externalId });
  }

  /**
   * Forgets a person in every webchat that the store has seen, here and in all instances.
   * @returns whether something was forgotten
   * @throws GuestTokenError `store_unavailable` where a shared store does not answer: it is done here, ask again
   */
  async erase(externalId: string): Promise<boolean> {
    const { webchatId } = this.options;
    try {
      // Both begin here, whether or not a shared store answers.
      const [had] = await Promise.all([this.#store.erase(externalId), this.#observer.erase(externalId)]);
      this.#observer.forgotten('ERASED', { webchatId, externalId });
      return had;
    } catch {
      const message =
        'Erased here; the shared store does not answer, or was written with other `secrets`. Ask again';
      throw new GuestTokenError('store_unavailable', message, { retryAfter: 5 });
    }
  }

  health(): Health {
    const { oauth, breaker, budget } = this.#upstream.state;
    const { state: store, instances } = this.#store;
    const failing = [...this.#observer.failing(this.now()), ...this.#store.failing]
      .sort((a, b) => a.since - b.since)
      .map(({ since, ...what }) => ({ ...what, seconds: Math.round((this.now() - since) / 1_000) }));
    return { ready: !this.#closing, oauth, breaker, store, failing, budget, instances, version };
  }

  /** Finishes what is under way, within the time limit, and refuses the rest. */
  close({ timeout = CLOSE_TIMEOUT }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  #judge(token: GuestToken | undefined, guest: CheckedGuest): Found {
    if (!token) return { state: 'missing', token: undefined };
    const at = this.now();
    const state = freshness(token, this.options.renewBefore * 1_000, at);
    if (state === 'expired') return { state, token: undefined };
    const mayChange = at - token.issuedAt >= ATTRIBUTES_PAUSE;
    const changed = mayChange && !isDeepStrictEqual(token.attributes ?? {}, guest.attributes ?? {});
    return { state: changed ? 'changed' : state, token };
  }

  /** The call under way, joined, or a new one. */
  #issueOnce(
    webchatId: string,
    guest: CheckedGuest,
    found: Found,
    caller: CallerOptions,
  ): Promise<GuestToken> {
    const name = nameOf({ webchatId, externalId: guest.externalId });
    if (!this.#issues.has(name)) {
      if (this.#closing) return Promise.reject(closed());
      // Read at each issue: a site may switch tokens off and on.
      if (this.options.source === 'none')
        return Promise.reject(unavailable('Guest tokens are switched off (`source`)', 300));
    }
    return this.#issues.run(
      name,
      (signal) => this.#issue(webchatId, guest, found, caller, signal),
      caller.signal,
    );
  }

  async #issue(
    webchatId: string,
    guest: CheckedGuest,
    found: Found,
    { priority = 'newcomer', trace }: CallerOptions,
    signal: AbortSignal | undefined,
  ): Promise<GuestToken> {
    const startedAt = this.now();
    const deadline = startedAt + this.options.deadline;
    const action = found.state === 'missing' ? 'ISSUED' : 'RENEWED';
    const observation = this.#observer.issueStarted(action, subjectOf(webchatId, guest), trace);
    const issue = async (): Promise<GuestToken> => {
      const { token, doubt } = await this.#upstream.issue(
        { guest, webchatId, lifetime: this.options.tokenLifetime },
        {
          priority: found.token ? 'known' : priority,
          expiresAt: found.token?.expiresAt,
          deadline,
          signal,
          onCall: observation.onCall,
        },
      );
      observation.succeeded(token.token, this.now() - startedAt, doubt);
      return token;
    };
    const suffices = (token: GuestToken): boolean => this.#judge(token, guest).state === 'fresh';
    try {
      const key = { webchatId, externalId: guest.externalId };
      return await this.#store.issue(key, { suffices, issue, deadline, signal });
    } catch (error) {
      const problem = isGuestTokenError(error) ? error : unavailable('The call failed before it left');
      observation.failed(problem, this.now() - startedAt);
      throw problem;
    }
  }

  async #close(timeout: number): Promise<void> {
    const end = monotonicNow() + timeout;
    await within(timeout * 0.75, this.#issues.settled(), closed).catch(() => {});
    // Whatever is still under way fails at once.
    await this.#upstream.close();
    await this.#issues.settled();
    // Before the store, which may hold the events.
    await this.#observer.close(end - monotonicNow());
    await this.#store.close();
  }
}

const subjectOf = (webchatId: string, { externalId, attributes }: CheckedGuest): Subject => ({
  externalId,
  webchatId,
  attributesCount: Object.keys(attributes ?? {}).length,
});
