// Encrypted values in Redis, each issued by one instance at a time: under a lease that lasts while its holder works.
import { randomBytes } from 'node:crypto';
import type { Lifetime } from '@genesys-guest/common';
import { z } from 'zod';
import type { Encryption } from '../lib/encryption.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { sleep, within } from '../lib/timers.ts';
import type { RedisCommands } from './commands.ts';
import type { Names } from './keys.ts';
import type { RedisClock } from './redis-clock.ts';
import { ACQUIRE, EXTEND, FORGET, PUT_BACK, REMOVE, STORE } from './scripts.ts';

/** What lies in Redis. */
export interface Kept<T> {
  readonly value: T;
  /** Since when its issue was under way, by Redis' clock: what was forgotten after that is dead. */
  readonly since: number;
  /** As it lies there. */
  readonly text?: string | undefined;
  /** Under another name than the one that is written: from before the secrets changed, or from an instance a step ahead. */
  readonly elsewhere?: boolean;
}

export interface Seen<T> {
  readonly kept: Kept<T> | undefined;
  /** When it was last forgotten, by Redis' clock; 0 where it was not. */
  readonly forgottenAt: number;
}

export interface LeasedIssue<T> {
  readonly suffices: (value: T) => boolean;
  readonly issue: () => Promise<T>;
  /** Milliseconds of the clock at which whoever waits for another instance gives up. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  /** What is known here of a forgetting, by Redis' clock. */
  readonly forgottenAt?: number;
}

export interface LeasedCacheContext {
  readonly commands: RedisCommands;
  readonly encryption: Encryption;
  readonly names: Names;
  readonly clock: RedisClock;
  readonly now: () => number;
  readonly random: () => number;
  /** Milliseconds that a mark of forgetting lasts: as long as what was forgotten could have lived. */
  readonly markFor?: number;
}

/** Milliseconds that a lease outlives its holder; it is extended three times meanwhile. */
const LEASE = 3_000;
const EXTEND_EVERY = 1_000;

/** Milliseconds between two looks of whoever waits for another's lease: doubled each time, up to half as much on top. */
const LOOKS = { first: 40, most: 400 } as const;

/** Milliseconds from the start of an issue in which it may be stored without a lease: a mark of forgetting lasts longer. */
const WITHOUT_LEASE = 60_000;

/** No token lives longer, in ms: as `tokenLifetime`. What says so is cut. */
export const LONGEST_LIFE = 31_536_000_000;

const time = z.number().min(0).max(8.64e15);
const times = z.object({ since: time, issuedAt: time, expiresAt: time });

export class LeasedCache<T extends Lifetime> {
  readonly #kind: string;
  readonly #rest: z.ZodType<Omit<T, keyof Lifetime>>;
  readonly #context: LeasedCacheContext;

  /** @param rest what is kept beside the times */
  constructor(kind: string, rest: z.ZodType<Omit<T, keyof Lifetime>>, context: LeasedCacheContext) {
    this.#kind = kind;
    this.#rest = rest;
    this.#context = context;
  }

  /** @param known read already: not decrypted again where it is still the same. @throws StoreUnavailable */
  async read(names: readonly string[], known?: Kept<T>): Promise<Seen<T>> {
    return this.#seen(
      names,
      await this.#context.commands.read(this.#keys(names).slice(0, -names.length)),
      known,
    );
  }

  /** Puts back what is good, unless it was forgotten since or another is there. @throws StoreUnavailable */
  async putBack(names: readonly string[], { value, since }: Omit<Kept<T>, 'text'>): Promise<void> {
    const keys = this.#keys(names);
    const life = this.#lifeOf(value);
    if (life <= 0) return;
    const text = this.#write(value, since, keys[0] as string);
    const marks = keys.slice(names.length, -names.length);
    await this.#context.commands.run(PUT_BACK, [keys[0] as string, ...marks], [text, life, since]);
  }

  /**
   * Issues it, once across all instances as long as Redis can be asked. `kept` is undefined where it was forgotten or
   * issued by another meanwhile; without `text` where Redis could not take it.
   * @throws what `issue` throws
   */
  async issue(
    names: readonly string[],
    options: LeasedIssue<T>,
  ): Promise<{ value: T; kept: Kept<T> | undefined }> {
    const { now, random } = this.#context;
    const { suffices, issue, deadline, signal } = options;
    const owner = randomBytes(12).toString('base64url');
    for (let look: number = LOOKS.first; ; look = Math.min(2 * look, LOOKS.most)) {
      const lease = await this.#acquire(names, owner).catch(() => undefined);
      const kept = lease?.seen.kept;
      if (kept && kept.since > (options.forgottenAt ?? 0) && suffices(kept.value)) {
        if (lease.wait === 0) this.#release(names, owner);
        if (kept.elsewhere) this.putBack(names, kept).catch(() => {});
        return { value: kept.value, kept };
      }
      const isFirst = look === LOOKS.first;
      if (!isFirst && (now() >= deadline || signal?.aborted)) {
        if (lease?.wait === 0) this.#release(names, owner);
        throw late();
      }
      if (!lease || lease.wait === 0) {
        const work = this.#hold(names, owner, lease?.since, issue);
        // Who has waited for another has that much less time to work.
        return isFirst ? work : within(deadline - now(), work, late);
      }
      const wait = Math.min(look * (1 + random() / 2), lease.wait + 1, Math.max(1, deadline - now()));
      await sleep(wait, signal);
    }
  }

  /**
   * What was issued until so many ms ago counts no more; 0 also takes it away at once.
   * @param isKnown whether it is or was held here: else it is only marked where it is held or being issued.
   * @throws StoreUnavailable
   */
  async forget(names: readonly string[], ago: number, isKnown: boolean) {
    const markFor = Math.max(this.#context.markFor ?? 0, 2 * WITHOUT_LEASE);
    const args = [Math.round(ago), markFor, isKnown ? 1 : 0];
    const reply = await this.#context.commands.run(FORGET, this.#keys(names), args);
    const [at = 0, marked = 0] = numbers(reply);
    return { at, marked: marked === 1 };
  }

  /** Removes what is known to be of no use, if it still lies there. @throws StoreUnavailable */
  async drop(names: readonly string[], text: string): Promise<void> {
    await this.#context.commands.run(REMOVE, this.#keys(names).slice(0, names.length), [text]);
  }

  /** Values, marks of forgetting, leases. */
  #keys(names: readonly string[]): string[] {
    return ['token', 'forgotten', 'lease'].flatMap((part) =>
      names.map((name) => this.#context.names.key(`${this.#kind}-${part}`, name)),
    );
  }

  async #acquire(names: readonly string[], owner: string) {
    const { commands, clock, now } = this.#context;
    const askedAt = now();
    const reply = await commands.run(ACQUIRE, this.#keys(names), [owner, LEASE]);
    const [time = 0, wait = 0, since = 0] = numbers(reply);
    clock.learn(time, askedAt);
    const values = Array.isArray(reply) && Array.isArray(reply[3]) ? (reply[3] as unknown[]) : [];
    return { wait: Math.min(wait, LEASE), since, seen: this.#seen(names, values) };
  }

  /** Works, holding the lease as well as that goes, and stores what comes of it. */
  async #hold(
    names: readonly string[],
    owner: string,
    leasedAt: number | undefined,
    issue: () => Promise<T>,
  ) {
    const { commands, now, clock } = this.#context;
    const startedAt = now();
    const keys = this.#keys(names);
    const leases = keys.slice(-names.length);
    const extend = () => void commands.run(EXTEND, leases, [owner, LEASE]).catch(() => {});
    const timer = setInterval(extend, EXTEND_EVERY);
    try {
      const value = await issue();
      const since = leasedAt ?? clock.toRedis(startedAt);
      const text = this.#write(value, since, keys[0] as string);
      const early = now() - startedAt < WITHOUT_LEASE ? 1 : 0;
      const args = [owner, text, Math.max(1, this.#lifeOf(value)), since, early];
      const stored = await commands.run(STORE, keys, args).catch(() => undefined);
      if (stored === undefined) return { value, kept: { value, since } };
      return { value, kept: stored === 1 ? { value, since, text } : undefined };
    } catch (error) {
      this.#release(names, owner);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #release(names: readonly string[], owner: string): void {
    this.#context.commands.run(REMOVE, this.#keys(names).slice(-names.length), [owner]).catch(() => {});
  }

  #lifeOf({ expiresAt }: T): number {
    return Math.min(Math.floor(expiresAt - this.#context.now()), LONGEST_LIFE);
  }

  #write(value: T, since: number, at: string): string {
    const { clock, encryption } = this.#context;
    const byRedis = { issuedAt: clock.toRedis(value.issuedAt), expiresAt: clock.toRedis(value.expiresAt) };
    return encryption.encrypt(JSON.stringify({ ...value, ...byRedis, since }), at);
  }

  /** The first good one of those that lie there, unless it was forgotten since. */
  #seen(names: readonly string[], reply: readonly unknown[], known?: Kept<T>): Seen<T> {
    const keys = this.#keys(names);
    const forgottenAt = this.#forgottenAt(reply.slice(names.length));
    for (const [index, text] of reply.slice(0, names.length).entries()) {
      if (typeof text !== 'string') continue;
      const kept = known?.text === text ? known : this.#parse(text, keys[index] as string);
      if (!kept || kept.since <= forgottenAt || this.#lifeOf(kept.value) <= 0) continue;
      return { kept: index > 0 ? { ...kept, elsewhere: true } : kept, forgottenAt };
    }
    return { kept: undefined, forgottenAt };
  }

  #forgottenAt(marks: readonly unknown[]): number {
    const { clock, now } = this.#context;
    // A mark from the future is a stranger's, and would keep the guest from every token.
    const possible = (at: number): boolean => Number.isFinite(at) && at <= clock.toRedis(now()) + 60_000;
    return Math.max(0, ...marks.map(Number).filter(possible));
  }

  #parse(text: string, at: string): Kept<T> | undefined {
    const { encryption, clock, now } = this.#context;
    const clear = encryption.decrypt(text, at);
    if (clear === undefined) return undefined;
    try {
      const json: unknown = JSON.parse(clear);
      const { since, issuedAt, expiresAt } = times.parse(json);
      // The end is encrypted with it: what lies there longer does not live longer.
      const life = {
        issuedAt: clock.toLocal(issuedAt),
        expiresAt: Math.min(clock.toLocal(expiresAt), now() + LONGEST_LIFE),
      };
      return { value: { ...this.#rest.parse(json), ...life } as T, since, text };
    } catch {
      return undefined;
    }
  }
}

/** Numbers of a script's answer: whatever else there is counts as 0. */
export const numbers = (reply: unknown): number[] =>
  (Array.isArray(reply) ? reply : [reply]).map((value) => {
    const number = typeof value === 'object' ? 0 : Number(value);
    return Number.isFinite(number) ? number : 0;
  });

const late = (): GuestTokenError =>
  new GuestTokenError('upstream_unavailable', 'Another instance did not get the token in time', {
    retryAfter: 5,
  });
