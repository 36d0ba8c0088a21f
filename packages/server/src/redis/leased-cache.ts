// Sealed things in Redis, each made by one instance at a time: a lease, renewed while its holder works.
import { randomBytes } from 'node:crypto';
import { GuestTokenError } from '../lib/errors.ts';
import { sleep } from '../lib/timers.ts';
import type { Link } from './commands.ts';
import type { Names } from './keys.ts';
import type { Bus } from './pub-sub.ts';
import { ACQUIRE, DROP, EXTEND, FORGET, PUT, READ, RELEASE, STORE } from './scripts.ts';

/** How a thing is written and read back. */
export interface Codec<T> {
  /** @param at the whole key that it will lie under */
  write(value: T, at: string): string;
  /** @param expiresAt when it ends, by this instance's clock */
  read(text: string, at: string, expiresAt: number): T | undefined;
}

export interface Found<T> {
  readonly value: T;
  /** As it lies there. */
  readonly text: string;
  /** Under the name that the others write, or wrote before the secrets changed. */
  readonly elsewhere: boolean;
}

export interface IssueOptions<T> {
  readonly suffices: (value: T) => boolean;
  readonly issue: () => Promise<T>;
  /** Milliseconds of the clock at which whoever waits for another instance gives up. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Made<T> {
  readonly value: T;
  /** `shared`: it lies in Redis. `alone`: Redis cannot say. `superseded`: forgotten, or made by another, meanwhile. */
  readonly kept: 'shared' | 'alone' | 'superseded';
  /** As it was stored, where this instance stored it. */
  readonly text?: string | undefined;
}

export interface Vault<T extends { readonly expiresAt: number }> {
  /** @throws StoreUnavailable */
  read(names: readonly string[]): Promise<Found<T> | undefined>;
  /** Puts back what is good, unless it was forgotten or is there. @throws StoreUnavailable */
  put(names: readonly string[], value: T): Promise<void>;
  /** Makes it, once across all instances as long as Redis can be asked. @throws what `issue` throws */
  issue(names: readonly string[], options: IssueOptions<T>): Promise<Made<T>>;
  /** Whether there was one. @throws StoreUnavailable */
  forget(names: readonly string[]): Promise<boolean>;
  /** Removes what is known to be of no use, if it still lies there. @throws StoreUnavailable */
  drop(names: readonly string[], text: string): Promise<void>;
}

export interface VaultContext {
  readonly link: Link;
  readonly bus: Bus;
  readonly names: Names;
  readonly now: () => number;
  readonly random: () => number;
  /** Milliseconds that a forgotten thing could still have lived. */
  readonly longestLife: number;
}

/** Milliseconds that a lease outlives its holder; it is extended three times meanwhile. */
const LEASE = 3_000;
const EXTEND_EVERY = 1_000;

/** Milliseconds after which a waiter looks again, in case the word was lost; up to half as much on top. */
const LOOK_AGAIN = 500;

/** Milliseconds from the start of the making in which it may be stored without a lease: the mark of a forgetting lasts longer. */
const WITHOUT_LEASE = 60_000;

export const createVault = <T extends { readonly expiresAt: number }>(
  kind: string,
  codec: Codec<T>,
  { link, bus, names: naming, now, random, longestLife }: VaultContext,
): Vault<T> => {
  const forgottenFor = Math.max(longestLife, 2 * WITHOUT_LEASE);
  const keysOf = (part: string, names: readonly string[]) =>
    names.map((name) => naming.key(`${kind}-${part}`, name));
  const tokens = (names: readonly string[]) => keysOf('sealed', names);
  const marks = (names: readonly string[]) => keysOf('forgotten', names);
  const leases = (names: readonly string[]) => keysOf('lease', names);
  const all = (names: readonly string[]) => [...tokens(names), ...marks(names), ...leases(names)];

  const decode = (
    names: readonly string[],
    [index, text, remaining]: readonly [number, string, number],
    askedAt: number,
  ): Found<T> | undefined => {
    const at = tokens(names)[index - 1];
    if (at === undefined || remaining <= 0) return undefined;
    // By the life that Redis says is left, and from before it was asked: instances' clocks need not agree.
    const value = codec.read(text, at, askedAt + remaining);
    return value && { value, text, elsewhere: index > 1 };
  };

  const acquire = async (names: readonly string[], owner: string) => {
    const askedAt = now();
    const reply = (await link.run(ACQUIRE, all(names), [owner, LEASE])) as [number, number, string, number];
    const [wait, index, text, remaining] = reply;
    return { wait, found: decode(names, [index, text, remaining], askedAt) };
  };

  const release = (names: readonly string[], owner: string): void => {
    link.run(RELEASE, leases(names), [owner, bus.channel, bus.message('released', names)]).catch(() => {});
  };

  const store = async (names: readonly string[], owner: string, value: T, startedAt: number) => {
    const [at] = tokens(names) as [string];
    const text = codec.write(value, at);
    const life = Math.floor(value.expiresAt - now());
    if (life <= 0) return { kept: 'superseded' } as const;
    const early = now() - startedAt < WITHOUT_LEASE ? 1 : 0;
    try {
      const args = [owner, text, life, early, bus.channel, bus.message('landed', names)];
      const stored = await link.run(STORE, all(names), args);
      return stored === 1 ? ({ kept: 'shared', text } as const) : ({ kept: 'superseded' } as const);
    } catch {
      return { kept: 'alone' } as const;
    }
  };

  const put = async (names: readonly string[], value: T): Promise<void> => {
    const [at] = tokens(names) as [string];
    const life = Math.floor(value.expiresAt - now());
    if (life > 0) await link.run(PUT, [at, ...marks(names)], [codec.write(value, at), life]);
  };

  /** Works, holding the lease as well as that goes, and stores what comes of it. */
  const hold = async (names: readonly string[], owner: string, issue: () => Promise<T>): Promise<Made<T>> => {
    const startedAt = now();
    const extend = () => void link.run(EXTEND, leases(names), [owner, LEASE]).catch(() => {});
    const timer = setInterval(extend, EXTEND_EVERY);
    try {
      const value = await issue();
      return { value, ...(await store(names, owner, value, startedAt)) };
    } catch (error) {
      release(names, owner);
      throw error;
    } finally {
      clearInterval(timer);
    }
  };

  const issueOnce = async (
    names: readonly string[],
    { suffices, issue, deadline, signal }: IssueOptions<T>,
  ): Promise<Made<T>> => {
    const owner = randomBytes(12).toString('base64url');
    for (;;) {
      // Before the lease is looked at, so that no word falls in between.
      const expected = bus.expect(names);
      try {
        const seen = await acquire(names, owner).catch(() => undefined);
        if (!seen) return await hold(names, owner, issue);
        if (seen.found && suffices(seen.found.value)) {
          if (seen.wait === 0) release(names, owner);
          if (seen.found.elsewhere) put(names, seen.found.value).catch(() => {});
          return { value: seen.found.value, kept: 'shared', text: seen.found.text };
        }
        if (seen.wait === 0) return await hold(names, owner, issue);
        if (signal?.aborted) throw unavailable('The caller hung up');
        if (now() >= deadline) throw unavailable('Another instance did not get the token in time');
        await firstOf(expected.word, seen.wait, signal);
      } finally {
        expected.end();
      }
    }
  };

  const firstOf = async (word: Promise<void>, leaseLeft: number, signal: AbortSignal | undefined) => {
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    signal?.addEventListener('abort', stop);
    const look = LOOK_AGAIN * (1 + random() / 2);
    await Promise.race([word, sleep(Math.min(leaseLeft + 1, look), enough.signal)]);
    signal?.removeEventListener('abort', stop);
    stop();
  };

  return {
    read: async (names) => {
      const askedAt = now();
      const reply = await link.run(READ, [...tokens(names), ...marks(names)]);
      return decode(names, reply as [number, string, number], askedAt);
    },
    put,
    issue: issueOnce,
    forget: async (names) => {
      const args = [forgottenFor, bus.channel, bus.message('forgotten', names)];
      return Number(await link.run(FORGET, all(names), args)) > 0;
    },
    drop: async (names, text) => {
      await link.run(DROP, tokens(names), [text]);
    },
  };
};

const unavailable = (message: string): GuestTokenError =>
  new GuestTokenError('upstream_unavailable', message, { retryAfter: 5 });
