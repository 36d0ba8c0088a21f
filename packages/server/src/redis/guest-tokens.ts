// The guests' tokens of all instances, in Redis; a copy in this process' memory answers while Redis is away.
import { LRUCache } from 'lru-cache';
import { nameOf } from '../store/guest-name.ts';
import type { MemoryTier } from '../store/memory-tier.ts';
import type { GuestKey, GuestToken, IssueOptions, Store } from '../store/ports.ts';
import { type RedisBase, tellAll } from './base.ts';
import { type Dated, LeasedCache, type Seen } from './leased-cache.ts';

interface Forgotten {
  readonly key: GuestKey;
  /** Milliseconds of this instance's clock. */
  readonly at: number;
  /** Something was held or being issued. */
  readonly isKnown: boolean;
  /** Until when the cookie is dead, in milliseconds of this instance's clock. */
  readonly deadUntil: number;
}

/** The endpoint is part of the name: another organisation's token is another token. */
const namesOf = ({ names, upstream }: RedisBase, { webchatId, externalId }: GuestKey) =>
  names.of(JSON.stringify(['guest', upstream.endpoints.guestTokens, webchatId, externalId]));

/** Guests whose forgetting is remembered here, and the newest that are told again to a Redis that comes back. */
const MAX_FORGOTTEN = 100_000;
const TOLD_AGAIN = 10_000;

/**
 * Redis is asked on each look, in one command: so no instance answers with what another has forgotten, and none has to be
 * told. What is in memory answers while Redis is away, and is put back where Redis has lost it.
 */
export class RedisGuestTokens implements Pick<Store, 'find' | 'issue' | 'forget' | 'revoked'> {
  readonly #base: RedisBase;
  readonly #tier: MemoryTier;
  readonly #cache: LeasedCache<GuestToken>;
  readonly #forgotten = new LRUCache<string, Forgotten>({ max: MAX_FORGOTTEN });
  readonly #looks = new Map<string, Promise<Seen<GuestToken>>>();

  constructor(base: RedisBase, tier: MemoryTier) {
    this.#base = base;
    this.#tier = tier;
    this.#cache = new LeasedCache<GuestToken>(base, 'guest');
  }

  async find(key: GuestKey): Promise<GuestToken | undefined> {
    return (await this.#ask(key)).value;
  }

  async revoked(key: GuestKey): Promise<boolean> {
    const { deadUntil } = await this.#ask(key);
    return this.#base.now() < Math.max(deadUntil, this.#forgotten.peek(nameOf(key))?.deadUntil ?? 0);
  }

  issue(key: GuestKey, options: IssueOptions): Promise<GuestToken> {
    const names = namesOf(this.#base, key);
    return this.#tier.follow(key, async (issue) => {
      const suffices = (token: GuestToken) =>
        (token as Dated<GuestToken>).since > this.#forgottenHere(key) && options.suffices(token);
      const { value, isKept } = await this.#cache.issue(names, { ...options, suffices });
      if (!isKept) issue.isForgotten = true;
      return value;
    });
  }

  async forget(key: GuestKey, deadUntil = 0): Promise<boolean> {
    const name = nameOf(key);
    const isHere = this.#tier.forget(key);
    const until = Math.max(deadUntil, this.#forgotten.peek(name)?.deadUntil ?? 0);
    const forgotten = { key, at: this.#base.now(), isKnown: isHere, deadUntil: until };
    const isKnown = await this.#tell(forgotten, 0).catch(() => undefined);
    // Where nothing was held anywhere there is nothing to remember.
    if (isKnown !== false) this.#forgotten.set(name, { ...forgotten, isKnown: isKnown ?? isHere });
    return isKnown ?? isHere;
  }

  /** Redis is back: it may have missed, or lost, what was forgotten. */
  catchUp(): void {
    const { now } = this.#base;
    const newest = [...this.#forgotten.values()].slice(0, TOLD_AGAIN);
    void tellAll(newest, (one) => this.#tell(one, Math.max(1, now() - one.at)));
  }

  #tell({ key, isKnown, deadUntil }: Forgotten, ago: number): Promise<boolean> {
    return this.#cache.forget(namesOf(this.#base, key), ago, isKnown, deadUntil);
  }

  /** Asks Redis, one command per guest at a time. If Redis does not answer, what is in memory is used. */
  #ask(key: GuestKey): Promise<Seen<GuestToken>> {
    const name = nameOf(key);
    const underWay = this.#looks.get(name);
    if (underWay) return underWay;
    const look = this.#look(key)
      .catch(() => ({ value: this.#inMemory(key, 0), forgottenAt: 0, deadUntil: 0 }))
      .finally(() => this.#looks.delete(name));
    this.#looks.set(name, look);
    return look;
  }

  /** Compares what is in memory with what Redis holds, and answers the better one. */
  async #look(key: GuestKey): Promise<Seen<GuestToken>> {
    const names = namesOf(this.#base, key);
    const seen = await this.#cache.read(names);
    const local = this.#inMemory(key, seen.forgottenAt);
    const there = seen.value && seen.value.since > this.#forgottenHere(key) ? seen.value : undefined;
    if (there && (!local || there.issuedAt >= local.issuedAt)) {
      this.#tier.set(key, there);
      return seen;
    }
    // The token was issued while Redis was away, or Redis has lost it: stored again, it survives a restart of ours.
    if (local && !there) this.#cache.putBack(names, local);
    return { ...seen, value: local };
  }

  #inMemory(key: GuestKey, forgottenAt: number): Dated<GuestToken> | undefined {
    // Only this store fills the memory, and only with tokens that have `since`.
    const token = this.#tier.get(key) as Dated<GuestToken> | undefined;
    if (!token || this.#base.now() >= token.expiresAt) return undefined;
    if (token.since > Math.max(forgottenAt, this.#forgottenHere(key))) return token;
    this.#tier.drop(key);
    return undefined;
  }

  #forgottenHere(key: GuestKey): number {
    const at = this.#forgotten.peek(nameOf(key))?.at;
    return at === undefined ? 0 : this.#base.clock.toRedis(at);
  }
}
