// What a store of guest tokens is. The memory store keeps to one process; a shared store serves many instances.
import type { Attributes, Lifetime } from '@genesys-guest/common';
import type { InvalidationReason } from '../observe/ports.ts';

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

/** How a missing token comes into the store. */
export interface IssueOptions {
  /** Whether a token that another instance has issued meanwhile will do. */
  readonly suffices: (token: GuestToken) => boolean;
  /** Issues the token. Called at most once, and not at all where another instance issued one that suffices. */
  readonly issue: () => Promise<GuestToken>;
  /** Milliseconds of the clock after which nobody waits for another instance any more. */
  readonly deadline: number;
  /** Aborted when nobody waits any longer; absent where somebody always does. */
  readonly signal: AbortSignal | undefined;
}

export interface Store {
  /** The token at hand, whatever its age, or one that another instance has put there. Never throws, never waits long. */
  find(key: GuestKey): GuestToken | undefined | Promise<GuestToken | undefined>;
  /** Issues a token for a guest, once across all instances of this store, and keeps it. */
  issue(key: GuestKey, options: IssueOptions): Promise<GuestToken>;
  /** Drops a guest's token here and everywhere, also one that is being issued: it is not put back. */
  forget(key: GuestKey): Promise<boolean>;
  /** Guests in this process' memory. */
  readonly size: number;
  /** `connected` or `unavailable` for a shared store. */
  readonly state: 'memory' | 'connected' | 'unavailable';
  close(): Promise<void>;
}

/** So many of one thing in a time. */
export interface Count {
  readonly name: string;
  readonly limit: number;
  /** Milliseconds, from the first. */
  readonly window: number;
}

/** What was counted: how many of the first there are now, or seconds until all may be counted. */
export type Counted =
  | { readonly count: number; readonly retryAfter?: undefined }
  | { readonly retryAfter: number };

/** Counts what addresses and guests cause, across instances. */
export interface RateCounter {
  /** Counts one of each, or none where any is at its limit. @throws where the others cannot be asked */
  consume(counts: readonly Count[]): Promise<Counted>;
}

/** What every store is told when it is opened. */
export interface StoreContext {
  /** Milliseconds. */
  readonly now: () => number;
  /** Called for each token that leaves the store, but for those that only expired. */
  readonly onInvalidate: (key: GuestKey, reason: InvalidationReason) => void;
}
