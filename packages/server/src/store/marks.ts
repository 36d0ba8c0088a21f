// Marks with an end, in memory and bounded: guests whose cookies are dead, and ids that were used.
import { nameOf } from './guest-name.ts';
import type { GuestKey, SingleUse } from './ports.ts';
import { StoreUnavailable } from './ports.ts';

/** Marks of each kind that are kept. */
const MAX_MARKS = 100_000;

/** Guests whose cookies are dead: above the limit the oldest goes. */
export const createRevoked = (now: () => number, max = MAX_MARKS) => {
  const ends = new Map<string, number>();
  return {
    revoke: (key: GuestKey, until: number): void => {
      const name = nameOf(key);
      // The newest is the last.
      ends.delete(name);
      ends.set(name, until);
      const [oldest = name] = ends.keys();
      if (ends.size > max) ends.delete(oldest);
    },
    revoked: (key: GuestKey): boolean => now() < (ends.get(nameOf(key)) ?? 0),
  };
};

interface Claim {
  readonly owner: string | undefined;
  readonly until: number;
}

/** Ids of one process that can be used once. A full memory refuses: to let an old id go would let it be used again. */
export const createSingleUse = (now: () => number, max = MAX_MARKS): SingleUse => {
  const claims = new Map<string, Claim>();
  const record = (id: string, owner: string | undefined, ttlMs: number): Claim | undefined => {
    const known = claims.get(id);
    if (known && now() < known.until) return known;
    if (claims.size >= max) for (const [old, { until }] of claims) if (now() >= until) claims.delete(old);
    if (claims.size >= max) throw new StoreUnavailable('no room for another id that can be used once');
    claims.set(id, { owner, until: now() + ttlMs });
    return undefined;
  };
  return {
    spend: async (id, ttlMs) => record(`spent ${id}`, undefined, ttlMs) === undefined,
    claim: async (id, owner, ttlMs) => (record(`claimed ${id}`, owner, ttlMs)?.owner ?? owner) === owner,
  };
};
