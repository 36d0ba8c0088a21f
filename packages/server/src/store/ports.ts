// What a store of guest tokens is. The memory store keeps to one process; a shared store serves many instances.
import type { Attributes, Lifetime } from '@genesys-guest/common';
import type { Failing, InvalidationReason } from '../observe/ports.ts';

/** A guest token with what is needed to judge it. Times are milliseconds of this instance's clock. */
export interface GuestToken extends Lifetime {
  readonly token: string;
  readonly externalId: string;
  readonly webchatId: string;
  readonly attributes: Attributes | undefined;
}

/** Whose token: tokens belong to a guest of a deployment. */
export interface GuestKey {
  readonly webchatId: string;
  readonly externalId: string;
}

/** How what is missing comes into a store, a guest token or the access token. */
export interface IssueOptions<T = GuestToken> {
  /** Whether a token that another instance has issued meanwhile will do. */
  readonly suffices: (token: T) => boolean;
  /** Issues the token. Called at most once, and not at all where another instance issued one that suffices. */
  readonly issue: () => Promise<T>;
  /** Milliseconds of the clock after which nobody waits for another instance any more. */
  readonly deadline: number;
  /** Aborted when nobody waits any longer; absent where somebody always does. */
  readonly signal?: AbortSignal | undefined;
}

export interface Store extends SingleUse {
  /** The token at hand, whatever its age, or one that another instance has put there. Never throws, never waits long. */
  find(key: GuestKey): GuestToken | undefined | Promise<GuestToken | undefined>;
  /** Issues a token for a guest, once across all instances of this store, and keeps it. */
  issue(key: GuestKey, options: IssueOptions): Promise<GuestToken>;
  /**
   * Drops a guest's token here and everywhere, also one that is being issued: it is not put back.
   * @param deadUntil for an anonymous guest: milliseconds of the clock at which the cookie ends by itself. Where something
   * was forgotten the cookie is marked as dead until then: others need no mark. Marks are bounded: the oldest of 100,000 in
   * memory goes first. A shared store hears of it when it returns.
   * @returns whether there was a token, or one being issued
   */
  forget(key: GuestKey, deadUntil?: number): Promise<boolean>;
  /**
   * Forgets a guest in every webchat that this store has seen.
   * @returns whether something was forgotten
   * @throws StoreUnavailable once it is done here, where a shared store does not answer: ask again
   */
  erase(externalId: string): Promise<boolean>;
  /** Whether a guest's cookie is dead, as far as can be found out: never throws, never waits long. */
  revoked(key: GuestKey): boolean | Promise<boolean>;
  /** Guests in this process' memory. */
  readonly size: number;
  /** `connected` or `unavailable` for a shared store. */
  readonly state: 'memory' | 'connected' | 'unavailable';
  /** What is wrong with it, or between the instances that share it. */
  readonly failing: readonly Failing[];
  /** Those of the last minutes, this one included. */
  readonly instances: number;
  close(): Promise<void>;
}

/** Ids that can be used once: once in this process with the memory store, once in all instances with a shared one. */
export interface SingleUse {
  /** Whether this id is spent for the first time in `ttlMs`. @throws StoreUnavailable where it cannot be recorded */
  spend(id: string, ttlMs: number): Promise<boolean>;
  /** Whether the owner has this id: the first who claims it keeps it. @throws StoreUnavailable as `spend` */
  claim(id: string, owner: string, ttlMs: number): Promise<boolean>;
}

/** A store cannot be read or written now. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A limit on how often one thing may happen in a window of time. */
export interface Count {
  readonly name: string;
  readonly limit: number;
  /** Milliseconds, from the first. */
  readonly window: number;
}

/** Counts what addresses and guests cause, across instances. */
export interface RateCounter {
  /**
   * Counts one, unless the limit is reached.
   * @returns `undefined` if it was counted, else the seconds until one more may be
   * @throws where the others cannot be asked
   */
  consume(count: Count): Promise<number | undefined>;
}

/** What every store is told when it is opened. */
export interface StoreContext {
  /** Milliseconds. */
  readonly now: () => number;
  /** Called for each token that leaves the store, but for those that only expired. */
  readonly onInvalidate: (key: GuestKey, reason: InvalidationReason) => void;
}
