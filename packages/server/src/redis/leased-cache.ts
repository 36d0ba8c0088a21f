// Encrypted values in Redis, each issued by one instance at a time: under a lease that lasts while its holder works.
import { randomBytes } from 'node:crypto';
import type { Lifetime } from '@genesys-guest/common';
import { createEncryption, type Encryption } from '../lib/encryption.ts';
import { sleep, within } from '../lib/timers.ts';
import type { IssueOptions } from '../store/ports.ts';
import { unavailable } from '../upstream/upstream-error.ts';
import { numbers, type RedisBase } from './base.ts';
import { ACQUIRE, EXTEND, FORGET, LONGEST_COOKIE, STORE } from './scripts.ts';

/** A value with the time since when it was being issued, by Redis' clock: what was forgotten after that is dead. */
export type Dated<T> = T & { readonly since: number };

export interface Seen<T> {
  readonly value: Dated<T> | undefined;
  /** When it was last forgotten, by Redis' clock; 0 where it was not. */
  readonly forgottenAt: number;
  /** Until when the cookie of whoever was forgotten is dead, by this instance's clock. */
  readonly deadUntil: number;
}

/** Milliseconds that a lease outlives its holder; it is extended three times meanwhile. */
const LEASE = 3_000;
const EXTEND_EVERY = 1_000;

/** Milliseconds between two looks of whoever waits for another's lease: doubled each time, up to half as much on top. */
const LOOKS = { first: 40, most: 400 } as const;

/** The longest life of a token, in ms: the limit of `tokenLifetime`. A longer one is cut. */
const LONGEST_LIFE = 31_536_000_000;
const DAY = 86_400_000;

const PARTS = ['token', 'forgotten', 'lease'] as const;

export class LeasedCache<T extends Lifetime> {
  readonly #kind: 'guest' | 'access';
  readonly #base: RedisBase;
  readonly #encryption: Encryption;

  constructor(base: RedisBase, kind: 'guest' | 'access') {
    this.#kind = kind;
    this.#base = base;
    this.#encryption = createEncryption(base.secrets, `store-${kind}-token`);
  }

  /** @throws StoreUnavailable */
  async read(names: readonly string[]): Promise<Seen<T>> {
    return this.#seen(names, await this.#base.commands.read(this.#keys(names, ['token', 'forgotten'])));
  }

  /** Stores a good value again, unless it was forgotten since or there is another. */
  putBack(names: readonly string[], value: Dated<T>): void {
    this.#store(names, '', value).catch(() => {});
  }

  /**
   * Issues a value, once across all instances as long as Redis can be asked.
   * @returns the value; `isKept` is false if it was forgotten meanwhile, or another instance is issuing one
   * @throws what `issue` throws
   */
  async issue(
    names: readonly string[],
    { suffices, issue, deadline, signal }: IssueOptions<T>,
  ): Promise<{ value: Dated<T>; isKept: boolean }> {
    const { now } = this.#base;
    const owner = randomBytes(12).toString('base64url');
    for (let look: number = LOOKS.first; ; look = Math.min(2 * look, LOOKS.most)) {
      const lease = await this.#acquire(names, owner).catch(() => undefined);
      const value = lease?.seen.value;
      const isGood = value && suffices(value);
      const hasWaited = look > LOOKS.first;
      const isLate = hasWaited && (now() >= deadline || signal?.aborted);
      if ((isGood || isLate) && lease?.wait === 0) this.#extend(names, owner, 0);
      if (isGood) return { value, isKept: true };
      if (isLate) throw late();
      if (!lease || lease.wait === 0) {
        const work = this.#hold(names, owner, lease?.since, issue);
        // Who has waited for another has that much less time to work.
        return hasWaited ? within(deadline - now(), work, late) : work;
      }
      const wait = Math.min(look * (1 + Math.random() / 2), lease.wait + 1, Math.max(1, deadline - now()));
      await sleep(wait, signal);
    }
  }

  /**
   * Values that were issued `ago` ms ago or earlier no longer count.
   * @param ago 0 also deletes the value at once
   * @param isKnown whether this instance holds or held the value. If not, a mark is written only where Redis holds the
   * value or its lease
   * @param deadUntil when the cookie of whoever is forgotten ends by itself: it is dead until then
   * @returns whether there was something to forget
   * @throws StoreUnavailable
   */
  async forget(names: readonly string[], ago: number, isKnown: boolean, deadUntil = 0): Promise<boolean> {
    const { commands, tokenLifetime, now } = this.#base;
    const dead = Math.max(0, Math.min(Math.floor(deadUntil - now()), LONGEST_COOKIE));
    // A mark lasts as long as what was forgotten could have lived.
    const args = [Math.round(ago), Math.max(tokenLifetime * 1_000, DAY), isKnown ? 1 : 0, dead];
    return numbers(await commands.run(FORGET, this.#keys(names), args))[0] === 1;
  }

  #keys(names: readonly string[], parts: readonly (typeof PARTS)[number][] = PARTS): string[] {
    return parts.flatMap((part) => names.map((name) => this.#base.names.key(`${this.#kind}-${part}`, name)));
  }

  async #acquire(names: readonly string[], owner: string) {
    const { commands, clock, now } = this.#base;
    const askedAt = now();
    const reply = await commands.run(ACQUIRE, this.#keys(names), [owner, LEASE]);
    const [redisTime = Number.NaN, wait = 0, since = 0] = numbers(reply);
    clock.learn(redisTime, askedAt);
    const values = Array.isArray(reply) && Array.isArray(reply[3]) ? (reply[3] as unknown[]) : [];
    return { wait: Math.min(wait, LEASE), since, seen: this.#seen(names, values) };
  }

  /** Issues a value and stores it. Extends the lease meanwhile, if Redis can be asked. */
  async #hold(
    names: readonly string[],
    owner: string,
    leasedAt: number | undefined,
    issue: () => Promise<T>,
  ) {
    const { now, clock } = this.#base;
    const since = leasedAt ?? clock.toRedis(now());
    const timer = setInterval(() => this.#extend(names, owner, LEASE), EXTEND_EVERY);
    try {
      const value = { ...(await issue()), since };
      // Where Redis cannot take it, it is kept here.
      return { value, isKept: await this.#store(names, owner, value).catch(() => true) };
    } catch (error) {
      this.#extend(names, owner, 0);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /** @param ms 0 gives the lease back */
  #extend(names: readonly string[], owner: string, ms: number): void {
    this.#base.commands.run(EXTEND, this.#keys(names, ['lease']), [owner, ms]).catch(() => {});
  }

  /** @param owner of the lease; none puts a value back @returns whether it may be kept: not if it was forgotten since, another issues one, or one is there that stays */
  async #store(names: readonly string[], owner: string, value: Dated<T>): Promise<boolean> {
    const { commands, clock, now } = this.#base;
    const life = Math.min(Math.floor(value.expiresAt - now()), LONGEST_LIFE);
    if (life <= 0) return false;
    const byRedis = { issuedAt: clock.toRedis(value.issuedAt), expiresAt: clock.toRedis(value.expiresAt) };
    const keys = this.#keys(names);
    const text = this.#encryption.encrypt(JSON.stringify({ ...value, ...byRedis }), keys[0] as string);
    return (await commands.run(STORE, keys, [owner, text, life, value.since])) !== 0;
  }

  /** Finds the first good value that was not forgotten since. @param reply values, then marks */
  #seen(names: readonly string[], reply: readonly unknown[]): Seen<T> {
    const { clock, now } = this.#base;
    const marks = reply.slice(names.length).map((mark) => String(mark).split(' ').map(Number));
    // We write no mark in the future, and it would keep the guest from every token.
    const possible = (at: number): boolean => at <= clock.toRedis(now()) + 60_000;
    const forgottenAt = Math.max(0, ...marks.map(([at = 0]) => at).filter(possible));
    const deadUntil = clock.toLocal(Math.max(0, ...marks.map(([, until = 0]) => until || 0)));
    const values = this.#keys(names, ['token']).map((at, index) => this.#parse(reply[index], at));
    const index = values.findIndex((one) => one && one.since > forgottenAt && now() < one.expiresAt);
    const value = values[index];
    // From before the secrets changed, or from an instance a step ahead: it moves to the name that is written.
    if (value && index > 0) this.putBack(names, value);
    return { value, forgottenAt, deadUntil };
  }

  /** What decrypts is ours, with its end inside: nobody who changes the key's expiry makes a token live longer. */
  #parse(text: unknown, at: string): Dated<T> | undefined {
    const { clock } = this.#base;
    const clear = typeof text === 'string' && this.#encryption.decrypt(text, at);
    if (!clear) return undefined;
    const value = JSON.parse(clear) as Dated<T>;
    const { issuedAt, expiresAt } = value;
    return { ...value, issuedAt: clock.toLocal(issuedAt), expiresAt: clock.toLocal(expiresAt) };
  }
}

const late = (): Error => unavailable('Another instance did not get the token in time');
