// The store of one process: the newest guests in memory, and nothing to lose but calls when the process ends.
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { sameAttributes } from '../lib/attributes.ts';
import { checkFields, createIssues } from '../lib/option-issues.ts';
import type { InvalidationReason } from '../observe/ports.ts';
import type { GuestKey, GuestToken, Store, StoreContext } from './ports.ts';

export interface MemoryStoreOptions {
  /** Guests kept; above it the one unseen for longest is forgotten. Default 100,000, about 0.6 kB each. */
  readonly max?: number;
}

export const DEFAULT_MAX_GUESTS = 100_000;

const MAX_ERROR = 'must be a whole number from 1: how many guests are kept in memory';
export const MAX_GUESTS = z
  .number({ error: MAX_ERROR })
  .int({ error: MAX_ERROR })
  .min(1, { error: MAX_ERROR });

/** What `memoryStore()` returns: a store that is opened once its options are known. */
export interface MemoryStoreFactory {
  readonly kind: 'memory';
  open(context: StoreContext): Store;
}

/** Keeps tokens in this process alone. @throws ConfigurationError where `max` is no whole number from 1 */
export const memoryStore = (options: MemoryStoreOptions = {}): MemoryStoreFactory => {
  const issues = createIssues();
  const { max = DEFAULT_MAX_GUESTS } = checkFields({ max: MAX_GUESTS }, options, issues, 'store');
  issues.throwIfAny();
  return { kind: 'memory', open: (context) => openMemoryStore(max, context) };
};

const openMemoryStore = (max: number, context: StoreContext): Store => {
  const tier = createMemoryTier(max, context);
  return {
    find: (key) => tier.get(key),
    issue: async (key, { suffices, issue }) => {
      // Issued between the caller's look and now.
      const present = tier.get(key);
      if (present && suffices(present)) return present;
      const generation = tier.generation(key);
      const token = await issue();
      // Forgotten while it was issued: it is handed to whoever asked for it, and not kept for anyone else.
      if (tier.generation(key) === generation) tier.set(key, token);
      return token;
    },
    forget: async (key) => tier.delete(key),
    get size() {
      return tier.size;
    },
    state: 'memory',
    close: async () => tier.clear(),
  };
};

/** Tokens in memory, bounded, that says of each why it went: a shared store keeps one in front of the network. */
export interface MemoryTier {
  get(key: GuestKey): GuestToken | undefined;
  set(key: GuestKey, token: GuestToken): void;
  delete(key: GuestKey): boolean;
  /** Changes when a guest is forgotten. */
  generation(key: GuestKey): number;
  readonly size: number;
  clear(): void;
}

/** Guests whose forgetting is remembered: only calls under way at that very time need it. */
const FORGOTTEN = 10_000;

export const createMemoryTier = (
  max: number,
  { now, onInvalidate }: Pick<StoreContext, 'now' | 'onInvalidate'>,
): MemoryTier => {
  let clearing = false;
  const forgotten = new LRUCache<string, number>({ max: FORGOTTEN });
  /** What has only expired was nobody's any more. */
  const tell = (gone: GuestToken, reason: InvalidationReason): void => {
    if (!clearing && now() < gone.expiresAt) onInvalidate(gone, reason);
  };
  const tokens = new LRUCache<string, GuestToken>({
    max,
    noDisposeOnSet: true,
    dispose: (gone, _name, cause) => tell(gone, cause === 'evict' ? 'evicted' : 'forgotten'),
  });
  return {
    get: (key) => tokens.get(nameOf(key)),
    set: (key, token) => {
      const name = nameOf(key);
      const before = tokens.peek(name);
      tokens.set(name, token);
      if (before && before.token !== token.token) {
        tell(before, sameAttributes(before.attributes, token.attributes) ? 'renewed' : 'attributes_changed');
      }
    },
    delete: (key) => {
      const name = nameOf(key);
      forgotten.set(name, (forgotten.get(name) ?? 0) + 1);
      return tokens.delete(name);
    },
    generation: (key) => forgotten.get(nameOf(key)) ?? 0,
    get size() {
      return tokens.size;
    },
    clear: () => {
      clearing = true;
      tokens.clear();
    },
  };
};

/** NUL is in no webchat id, so that two pairs never share a name. */
const nameOf = ({ webchatId, externalId }: GuestKey): string => `${webchatId}\0${externalId}`;
