// Ids that were used, in memory and bounded.
import type { SingleUse } from './ports.ts';
import { StoreUnavailable } from './ports.ts';

/** Marks of each kind that are kept. */
export const MAX_MARKS = 100_000;

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
