// What the options come to once they are checked: complete, with no default left to apply, sorted by room.

import type { OpenEventQueue } from '../observe/event-queue.ts';
import type { Log } from '../observe/log.ts';
import type { ObserveOptions } from '../observe/observer.ts';
import type { AddressCounter, StoreContext as CommonContext, Store } from '../store/ports.ts';
import type { TokenOptions } from '../tokens/ports.ts';
import type { SharedAccessToken, SlidingWindow, UpstreamOptions } from '../upstream/ports.ts';

export type { Invalidation, InvalidationReason } from '../observe/ports.ts';

/** The URLs that can be set. */
export interface Endpoints {
  readonly oauthToken: string;
  readonly guestTokens: string;
  readonly bootstrap: string;
}

/** How calls to Genesys Cloud are made, and their limits. */
export type UpstreamLimits = Pick<
  UpstreamOptions,
  'perMinute' | 'concurrency' | 'maxQueue' | 'timeout' | 'deadline' | 'dispatcher'
>;

/** What a store is told when it is opened. */
export interface StoreContext extends CommonContext {
  readonly webchatId: string;
  /** The first encrypts, all decrypt. */
  readonly secrets: readonly string[];
  readonly upstream: UpstreamOptions;
  /** Seconds. */
  readonly tokenLifetime: number;
  readonly log: Log;
}

/** What a shared store does for the other rooms. */
export interface SharedServices {
  readonly accessToken: SharedAccessToken;
  readonly slidingWindow: SlidingWindow;
  readonly addresses: AddressCounter;
  readonly events: OpenEventQueue;
}

export interface OpenedStore extends Store {
  readonly shared?: SharedServices | undefined;
}

/** What `memoryStore()` and `redisStore()` return: a store that is opened once its options are known. */
export interface StoreFactory {
  readonly kind: 'memory' | 'redis';
  /** Opens the store; it connects behind, so that a site starts also while its Redis is down. */
  open(context: StoreContext): OpenedStore;
}

/** What `createGuestTokens` runs on. */
export interface ResolvedTokenOptions {
  readonly tokens: TokenOptions;
  readonly upstream: UpstreamOptions;
  readonly observe: ObserveOptions;
  readonly endpoints: Endpoints;
  readonly store: StoreFactory;
  /** Empty only with a store that never leaves this process. */
  readonly secrets: readonly string[];
  readonly log: Log;
}
