// What the options come to once they are checked: complete, with no default left to apply.
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { version } from '../lib/version.ts';
import type { ObserveOptions } from '../observe/observer.ts';
import type { Store } from '../store/ports.ts';
import type { TokenOptions } from '../tokens/ports.ts';
import type { UpstreamOptions } from '../upstream/ports.ts';
import type { SharedServices, StoreContext } from '../upstream/shared-store.ts';

export type { Invalidation, InvalidationReason } from '../observe/ports.ts';
export type { UpstreamLimits } from '../upstream/ports.ts';

/** The URLs that can be set. */
export interface Endpoints {
  /** Issues OAuth access tokens. */
  readonly oauthToken: string;
  /** Issues guest tokens. */
  readonly guestTokens: string;
  /** Messenger's script. */
  readonly bootstrap: string;
}

/** What `memoryStore()` and `redisStore()` return: a store that is opened once its options are known. */
export interface StoreFactory {
  readonly kind: 'memory' | 'redis';
  /** What is not safe in its options, each with a fix. */
  readonly warnings?: readonly string[] | undefined;
  /**
   * Opens the store; it connects behind, so that a site starts also while its Redis is down.
   * @internal
   */
  open(context: StoreContext): Store & { readonly shared?: SharedServices | undefined };
}

/** What `createGuestTokens` runs on: what each room has declared that it needs, and sees. */
export interface ResolvedTokenOptions extends TokenOptions, UpstreamOptions, ObserveOptions {
  /** `source` is 'none' for good: there is nobody to tell apart. */
  readonly cookieless: boolean;
  readonly store: StoreFactory;
  /** Empty only with a store that never leaves this process. */
  readonly secrets: readonly string[];
  /** What may be weaker on a developer's machine may be so here. */
  readonly development: boolean;
}

/** Says at start what an operator wants to see once, of the tokens and of who uses them. */
export const logStart = (
  { region, source, store }: ResolvedTokenOptions,
  { webchatId, publicOrigin, log }: Pick<ResolvedHandlerOptions, 'webchatId' | 'publicOrigin' | 'log'>,
): void =>
  log('info', 'genesys-guest has started', {
    version,
    region: region.domain,
    webchatId,
    source,
    store: store.kind,
    origin: publicOrigin,
  });
