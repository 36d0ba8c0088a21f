// What guest tokens ask of a store. The memory store keeps to one process; a shared store serves many instances.
import type { Attributes, Lifetime } from '@genesys-guest/common';
import type { InvalidationReason, TokenSettings } from '../options/settings.ts';
import type { Shared } from './shared.ts';

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

export interface Making {
  /** Whether a token that another instance has made meanwhile will do. */
  readonly suffices: (token: GuestToken) => boolean;
  /** Makes the token. Called at most once, and not at all where another instance made one that suffices. */
  readonly mint: (signal: AbortSignal | undefined) => Promise<GuestToken>;
  /** Aborted when nobody waits any longer; absent where somebody always does. */
  readonly signal: AbortSignal | undefined;
}

export interface Store {
  /** The token at hand, whatever its age, or one that another instance has put there. Never throws, never waits long. */
  find(key: GuestKey): Promise<GuestToken | undefined>;
  /** Makes a token for a guest, once across all instances of this store, and keeps it. */
  make(key: GuestKey, making: Making): Promise<GuestToken>;
  /** Drops a guest's token here and everywhere, also one that is being made: its maker may not put it back. */
  forget(key: GuestKey): Promise<boolean>;
  /** Guests in this process' memory. */
  readonly size: number;
  /** `connected` or `unavailable` for a shared store. */
  readonly state: 'memory' | 'connected' | 'unavailable';
  /** What instances have in common beside their tokens; only of a shared store. */
  readonly shared?: Shared | undefined;
  close(): Promise<void>;
}

/** What a store is told when it is opened. */
export interface StoreContext {
  readonly settings: TokenSettings;
  readonly now: () => number;
  /** To be called for each token that leaves the store, but for those that only expired. */
  readonly onInvalidate: (key: GuestKey, reason: InvalidationReason) => void;
}

/** What `memoryStore()` and `redisStore()` return: a store to be opened once its settings are known. */
export interface StoreFactory {
  readonly kind: 'memory' | 'redis';
  /** Opens the store; it connects behind, so that a site starts also while its Redis is down. */
  open(context: StoreContext): Store;
}
