// The guests' tokens of all instances, in Redis; a copy in this process' memory answers while Redis is away.
import { LRUCache } from 'lru-cache';
import type { MemoryTier } from '../store/memory-tier.ts';
import type { GuestKey, GuestToken, IssueOptions, Store } from '../store/ports.ts';
import type { RedisBase } from './base.ts';
import type { Dated, LeasedCache } from './leased-cache.ts';

export interface RedisGuestTokensContext extends Pick<RedisBase, 'clock' | 'now'> {
  readonly tier: MemoryTier;
  readonly cache: LeasedCache<GuestToken>;
  readonly namesOf: (key: GuestKey) => readonly string[];
}

interface Forgotten {
  readonly names: readonly string[];
  /** Milliseconds of this instance's clock. */
  readonly at: number;
  /** Something was held or being issued here. */
  readonly isKnown: boolean;
}

/** Guests whose forgetting is remembered here, to tell Redis when it comes back. Above it the oldest is left to expiry. */
const MAX_FORGOTTEN = 10_000;

/**
 * Redis is asked on each look, in one command: so no instance answers with what another has forgotten, and none has to be
 * told. What is in memory answers while Redis is away, and is put back where Redis has lost it.
 */
export class RedisGuestTokens implements Pick<Store, 'find' | 'issue' | 'forget'> {
  readonly #context: RedisGuestTokensContext;
  readonly #forgotten = new LRUCache<string, Forgotten>({ max: MAX_FORGOTTEN });
  readonly #looks = new Map<string, Promise<GuestToken | undefined>>();

  constructor(context: RedisGuestTokensContext) {
    this.#context = context;
  }

  /** Asks Redis, one command per guest at a time. If Redis does not answer, the token in memory is used. */
  find(key: GuestKey): Promise<GuestToken | undefined> {
    const names = this.#context.namesOf(key);
    const id = names[0] as string;
    const underWay = this.#looks.get(id);
    if (underWay) return underWay;
    const look = this.#look(key, names)
      .catch(() => this.#inMemory(key, names, 0))
      .finally(() => this.#looks.delete(id));
    this.#looks.set(id, look);
    return look;
  }

  issue(key: GuestKey, options: IssueOptions): Promise<GuestToken> {
    const { tier, cache, namesOf } = this.#context;
    const names = namesOf(key);
    return tier.follow(key, async (isForgotten) => {
      const forgottenAt = this.#forgottenHere(names);
      const { value, isKept } = await cache.issue(names, { ...options, forgottenAt });
      if (isKept && !isForgotten()) tier.set(key, value);
      return value;
    });
  }

  async forget(key: GuestKey): Promise<boolean> {
    const { tier, namesOf, now } = this.#context;
    const names = namesOf(key);
    const isKnown = tier.forget(key);
    const forgotten = { names, at: now(), isKnown };
    this.#forgotten.set(names[0] as string, forgotten);
    return (await this.#tell(forgotten, 0).catch(() => false)) || isKnown;
  }

  /** Redis is back: it may have missed, or lost, what was forgotten. */
  catchUp(): void {
    for (const forgotten of [...this.#forgotten.values()]) {
      this.#tell(forgotten, Math.max(1, this.#context.now() - forgotten.at)).catch(() => {});
    }
  }

  async #tell(forgotten: Forgotten, ago: number): Promise<boolean> {
    const { names, isKnown } = forgotten;
    const id = names[0] as string;
    const marked = await this.#context.cache.forget(names, ago, isKnown);
    // Nothing was held anywhere: there is nothing to remember.
    if (!marked && this.#forgotten.peek(id) === forgotten) this.#forgotten.delete(id);
    return marked;
  }

  /** Compares what is in memory with what Redis holds, and answers the better one. */
  async #look(key: GuestKey, names: readonly string[]): Promise<GuestToken | undefined> {
    const { tier, cache } = this.#context;
    const { value, isElsewhere, forgottenAt } = await cache.read(names);
    const local = this.#inMemory(key, names, forgottenAt);
    const there = value && value.since > this.#forgottenHere(names) ? value : undefined;
    if (there && (!local || isNewer(there, local))) {
      tier.set(key, there);
      if (isElsewhere) cache.putBack(names, there).catch(() => {});
      return there;
    }
    // The token was issued while Redis was away, or Redis has lost it: stored again, it survives a restart of ours.
    if (local && !there) cache.putBack(names, local).catch(() => {});
    return local;
  }

  #inMemory(key: GuestKey, names: readonly string[], forgottenAt: number): Dated<GuestToken> | undefined {
    const { tier, now } = this.#context;
    // Only this store fills the memory, and only with tokens that have `since`.
    const token = tier.get(key) as Dated<GuestToken> | undefined;
    if (!token || now() >= token.expiresAt) return undefined;
    if (token.since > Math.max(forgottenAt, this.#forgottenHere(names))) return token;
    tier.drop(key);
    return undefined;
  }

  #forgottenHere(names: readonly string[]): number {
    const at = this.#forgotten.peek(names[0] as string)?.at;
    return at === undefined ? 0 : this.#context.clock.toRedis(at);
  }
}

const isNewer = (there: GuestToken, local: GuestToken): boolean =>
  there.token !== local.token && there.issuedAt >= local.issuedAt;
