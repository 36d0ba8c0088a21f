// The store of one process: tokens in memory. When the process ends, its guests' tokens are issued again.
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { checkFields, createIssues } from '../lib/option-issues.ts';
import { nameOf } from './guest-name.ts';
import { createSingleUse, MAX_MARKS } from './marks.ts';
import { MemoryTier } from './memory-tier.ts';
import type { Store, StoreContext } from './ports.ts';

/** What `memoryStore` takes. */
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
  /** Always `memory`. */ readonly kind: 'memory';
  /** @internal */
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
  const tier = new MemoryTier(max, context);
  /** By guest: until when the cookie is dead. */
  const dead = new LRUCache<string, number>({ max: MAX_MARKS });
  return {
    find: (key) => tier.get(key),
    issue: (key, { suffices, issue }) => {
      // Issued between the caller's look and now.
      const present = tier.get(key);
      return present && suffices(present) ? Promise.resolve(present) : tier.follow(key, issue);
    },
    forget: async (key, deadUntil) => {
      const had = tier.forget(key);
      if (had && deadUntil) dead.set(nameOf(key), deadUntil);
      return had;
    },
    revoked: (key) => context.now() < (dead.peek(nameOf(key)) ?? 0),
    erase: async (externalId) => {
      const webchats = tier.webchatsOf(externalId);
      return webchats.map((webchatId) => tier.forget({ webchatId, externalId })).includes(true);
    },
    ...createSingleUse(context.now),
    get size() {
      return tier.size;
    },
    state: 'memory',
    failing: [],
    instances: 1,
    close: async () => tier.close(),
  };
};
