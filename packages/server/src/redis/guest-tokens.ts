// The guests' tokens of all instances, in Redis; a copy in this process' memory answers while Redis is away.
import type { Attributes } from '@genesys-guest/common';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { MemoryTier } from '../store/memory-tier.ts';
import type { GuestKey, GuestToken, IssueOptions, Store } from '../store/ports.ts';
import { type RedisBase, tellAll } from './base.ts';
import { type Dated, LeasedCache } from './leased-cache.ts';

interface Forgotten {
  readonly names: readonly string[];
  /** Milliseconds of this instance's clock. */
  readonly at: number;
  /** Something was held or being issued here. */
  readonly isKnown: boolean;
}

/** A guest's token as it is kept: the guest, too, so that it is certain whose it is. */
const fields = z
  .object({
    token: z.string().min(1),
    externalId: z.string(),
    webchatId: z.string(),
    attributes: z.record(z.string(), z.string()).optional(),
  })
  .transform((kept) => ({ ...kept, attributes: kept.attributes as Attributes | undefined }));

/** The endpoint is part of the name: another organisation's token is another token. */
export const namesOf = ({ names, upstream }: RedisBase, { webchatId, externalId }: GuestKey) =>
  names.of(JSON.stringify(['guest', upstream.endpoints.guestTokens, webchatId, externalId]));

/** Guests whose forgetting is remembered here, to tell Redis when it comes back. Above it the oldest is left to expiry. */
const MAX_FORGOTTEN = 10_000;

/**
 * Redis is asked on each look, in one command: so no instance answers with what another has forgotten, and none has to be
 * told. What is in memory answers while Redis is away, and is put back where Redis has lost it.
 */
export class RedisGuestTokens implements Pick<Store, 'find' | 'issue' | 'forget'> {
  readonly #base: RedisBase;
  readonly #tier: MemoryTier;
  readonly #cache: LeasedCache<GuestToken>;
  readonly #forgotten = new LRUCache<string, Forgotten>({ max: MAX_FORGOTTEN });
  readonly #looks = new Map<string, Promise<GuestToken | undefined>>();

  constructor(base: RedisBase, tier: MemoryTier) {
    this.#base = base;
    this.#tier = tier;
    this.#cache = new LeasedCache<GuestToken>(base, 'guest', fields);
  }

  /** Asks Redis, one command per guest at a time. If Redis does not answer, the token in memory is used. */
  find(key: GuestKey): Promise<GuestToken | undefined> {
    const names = namesOf(this.#base, key);
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
    const names = namesOf(this.#base, key);
    return this.#tier.follow(key, async (issue) => {
      const forgottenAt = this.#forgottenHere(names);
      const { value, isKept } = await this.#cache.issue(names, { ...options, forgottenAt });
      if (!isKept) issue.isForgotten = true;
      return value;
    });
  }

  async forget(key: GuestKey): Promise<boolean> {
    const names = namesOf(this.#base, key);
    const isKnown = this.#tier.forget(key);
    const forgotten = { names, at: this.#base.now(), isKnown };
    this.#forgotten.set(names[0] as string, forgotten);
    return (await this.#tell(forgotten, 0).catch(() => false)) || isKnown;
  }

  /** Redis is back: it may have missed, or lost, what was forgotten. */
  catchUp(): void {
    const { now } = this.#base;
    void tellAll(this.#forgotten.values(), (one) => this.#tell(one, Math.max(1, now() - one.at)));
  }

  async #tell(forgotten: Forgotten, ago: number): Promise<boolean> {
    const { names, isKnown } = forgotten;
    const id = names[0] as string;
    const marked = await this.#cache.forget(names, ago, isKnown);
    // Nothing was held anywhere: there is nothing to remember.
    if (!marked && this.#forgotten.peek(id) === forgotten) this.#forgotten.delete(id);
    return marked;
  }

  /** Compares what is in memory with what Redis holds, and answers the better one. */
  async #look(key: GuestKey, names: readonly string[]): Promise<GuestToken | undefined> {
    const { value, forgottenAt } = await this.#cache.read(names);
    const local = this.#inMemory(key, names, forgottenAt);
    const there = value && value.since > this.#forgottenHere(names) ? value : undefined;
    if (there && (!local || isNewer(there, local))) {
      this.#tier.set(key, there);
      return there;
    }
    // The token was issued while Redis was away, or Redis has lost it: stored again, it survives a restart of ours.
    if (local && !there) this.#cache.putBack(names, local);
    return local;
  }

  #inMemory(key: GuestKey, names: readonly string[], forgottenAt: number): Dated<GuestToken> | undefined {
    // Only this store fills the memory, and only with tokens that have `since`.
    const token = this.#tier.get(key) as Dated<GuestToken> | undefined;
    if (!token || this.#base.now() >= token.expiresAt) return undefined;
    if (token.since > Math.max(forgottenAt, this.#forgottenHere(names))) return token;
    this.#tier.drop(key);
    return undefined;
  }

  #forgottenHere(names: readonly string[]): number {
    const at = this.#forgotten.peek(names[0] as string)?.at;
    return at === undefined ? 0 : this.#base.clock.toRedis(at);
  }
}

const isNewer = (there: GuestToken, local: GuestToken): boolean =>
  there.token !== local.token && there.issuedAt >= local.issuedAt;
