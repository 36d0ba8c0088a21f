// The guests' tokens of all instances: a tier in this process' memory, and behind it what Redis holds.
import { LRUCache } from 'lru-cache';
import type { MemoryTier } from '../store/memory-store.ts';
import type { GuestKey, GuestToken, Store } from '../store/ports.ts';
import type { Vault } from './leased-cache.ts';
import type { Bus } from './pub-sub.ts';

export interface RedisTokens extends Pick<Store, 'find' | 'issue' | 'forget'> {
  /** Another instance said so. */
  heard(word: 'landed' | 'forgotten', names: readonly string[]): void;
  /** Words may have been lost: what is in memory is to be confirmed before it is trusted again. */
  distrust(): void;
  /** Redis has lost its memory: that a token is not there says nothing of it any more. */
  lostMemory(): void;
  /** Redis can be used: what was forgotten without it is forgotten there too. */
  catchUp(): Promise<void>;
}

export interface RedisTokensContext {
  readonly tier: MemoryTier;
  readonly vault: Vault<GuestToken>;
  readonly bus: Pick<Bus, 'hears'>;
  readonly namesOf: (key: GuestKey) => readonly string[];
  readonly now: () => number;
}

/** Guests whose forgetting is still to be told to Redis. Above it the oldest is left to its token's expiry. */
const MAX_UNTOLD = 10_000;

export const createRedisTokens = ({ tier, vault, bus, namesOf, now }: RedisTokensContext): RedisTokens => {
  const untold = new LRUCache<string, readonly string[]>({ max: MAX_UNTOLD });
  const reading = new Map<string, Promise<GuestToken | undefined>>();
  /** Confirmed since words were last lost. */
  let trusted = new WeakSet<GuestToken>();
  /** Known to have been in Redis: one that is not there any more was forgotten. */
  let shared = new WeakSet<GuestToken>();

  const inMemory = (id: string): GuestToken | undefined => {
    const token = tier.get(slot(id));
    return token && now() < token.expiresAt ? token : undefined;
  };

  const keep = (id: string, token: GuestToken, generation: number, isShared: boolean): void => {
    if (tier.generation(slot(id)) !== generation) return;
    tier.set(slot(id), token);
    trusted.add(token);
    if (isShared) shared.add(token);
  };

  /** Compares what is in memory with what Redis holds, and answers the better one. */
  const confirm = async (names: readonly string[]): Promise<GuestToken | undefined> => {
    const id = names[0] as string;
    const generation = tier.generation(slot(id));
    const found = await vault.read(names);
    if (tier.generation(slot(id)) !== generation) return inMemory(id);
    const local = inMemory(id);
    const there = found?.value;
    if (there && (!local || (there.token !== local.token && there.issuedAt >= local.issuedAt))) {
      keep(id, there, generation, true);
      if (found.elsewhere) vault.put(names, there).catch(() => {});
      return there;
    }
    if (!local) return undefined;
    if (!there && shared.has(local)) {
      tier.delete(slot(id));
      return undefined;
    }
    // Made while Redis was away, or lost by it: it is given back, so that a restart need not make it again.
    if (!there) vault.put(names, local).catch(() => {});
    keep(id, local, generation, true);
    return local;
  };

  /** Never throws: where Redis cannot say, what is in memory is as good as it gets. One question per guest at a time. */
  const ask = (names: readonly string[]): Promise<GuestToken | undefined> => {
    const id = names[0] as string;
    const underWay = reading.get(id);
    if (underWay) return underWay;
    const answer = confirm(names)
      .catch(() => inMemory(id))
      .finally(() => reading.delete(id));
    reading.set(id, answer);
    return answer;
  };

  const tell = async (names: readonly string[]): Promise<boolean> => {
    const id = names[0] as string;
    // Until Redis has heard of it, its token of this guest is none.
    untold.set(id, names);
    const had = await vault.forget(names);
    if (untold.get(id) === names) untold.delete(id);
    return had;
  };

  return {
    find: async (key) => {
      const names = namesOf(key);
      const id = names[0] as string;
      const local = inMemory(id);
      if (untold.has(id) || (local && bus.hears && trusted.has(local))) return local;
      return ask(names);
    },
    issue: async (key, { suffices, issue, deadline, signal }) => {
      const names = namesOf(key);
      const id = names[0] as string;
      const generation = tier.generation(slot(id));
      if (untold.has(id)) {
        const token = await issue();
        keep(id, token, generation, false);
        return token;
      }
      const made = await vault.issue(names, { suffices, issue, deadline, signal });
      if (made.kept !== 'superseded') keep(id, made.value, generation, made.kept === 'shared');
      return made.value;
    },
    forget: async (key) => {
      const names = namesOf(key);
      const had = inMemory(names[0] as string) !== undefined;
      tier.delete(slot(names[0] as string));
      const hadThere = await tell(names).catch(() => false);
      return had || hadThere;
    },
    heard: (word, names) => {
      for (const name of names) {
        if (word === 'forgotten') tier.delete(slot(name));
        // Ours first: another instance may be a step ahead in rotating the secrets.
        else if (inMemory(name) && !untold.has(name))
          void ask([name, ...names.filter((other) => other !== name)]);
      }
    },
    distrust: () => {
      trusted = new WeakSet();
    },
    lostMemory: () => {
      shared = new WeakSet();
    },
    catchUp: async () => {
      for (const names of [...untold.values()]) await tell(names);
    },
  };
};

/** The tier knows guests by their hashed names, as the other instances speak of them. */
const slot = (name: string): GuestKey => ({ webchatId: '', externalId: name });
