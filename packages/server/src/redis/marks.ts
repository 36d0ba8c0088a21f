// Marks with an end that all instances see: guests whose cookies are dead, and ids that were used.
import { randomUUID } from 'node:crypto';
import { createRevoked } from '../store/marks.ts';
import type { GuestKey, SingleUse, Store } from '../store/ports.ts';
import { numbers, type RedisBase, tellAll } from './base.ts';
import { namesOf } from './guest-tokens.ts';
import { CLAIM } from './scripts.ts';

interface RedisMarks extends SingleUse, Pick<Store, 'revoke' | 'revoked'> {
  /** Redis is back: it may have missed, or lost, what was marked. */
  catchUp(): void;
}

/** Milliseconds: browsers keep no cookie longer (RFC 6265bis, 5.5). */
const LONGEST_COOKIE = 34_560_000_000;

/** Marks that are told again to a Redis that came back: it may have lost the newest. */
const TOLD_AGAIN = 1_000;

export const createRedisMarks = (base: RedisBase): RedisMarks => {
  const { commands, names, now } = base;
  const here = createRevoked(now);
  let newest: { readonly key: GuestKey; readonly until: number }[] = [];
  const keysOf = (key: GuestKey) => namesOf(base, key).map((name) => names.key('revoked', name));
  const tell = async (key: GuestKey, until: number): Promise<void> => {
    const life = Math.min(Math.floor(until - now()), LONGEST_COOKIE);
    if (life <= 0) return;
    await Promise.all(keysOf(key).map((at) => commands.run(CLAIM, [at], ['1', life])));
  };
  const claim = async (kind: string, id: string, owner: string, ttlMs: number): Promise<boolean> => {
    const at = names.key(kind, names.plain(JSON.stringify([kind, id])));
    const ttl = Math.max(1, Math.min(Math.ceil(ttlMs), LONGEST_COOKIE));
    return numbers(await commands.run(CLAIM, [at], [names.plain(owner), ttl]))[0] === 1;
  };
  return {
    revoke: async (key, until) => {
      here.revoke(key, until);
      newest = [...newest, { key, until }].slice(-TOLD_AGAIN);
      await tell(key, until).catch(() => {});
    },
    revoked: async (key) => {
      if (here.revoked(key)) return true;
      const marks = await commands.read(keysOf(key)).catch(() => []);
      return marks.some((mark) => typeof mark === 'string');
    },
    // By an owner who never comes again.
    spend: (id, ttlMs) => claim('spent', id, randomUUID(), ttlMs),
    claim: (id, owner, ttlMs) => claim('claimed', id, owner, ttlMs),
    catchUp: () => void tellAll(newest, ({ key, until }) => tell(key, until)),
  };
};
