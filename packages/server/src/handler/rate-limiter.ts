// Counts what addresses and guests cause: in this process, and across instances where they share a store.
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Count, RateCounter } from '../store/ports.ts';

/** What was counted here: how many of the first there are now, or seconds until all may be counted. */
export type Counted =
  | { readonly count: number; readonly retryAfter?: undefined }
  | { readonly retryAfter: number };

/** Counts one of each, or none where any is at its limit. Synchronous where no other instance is asked. */
export type RateLimiter = (counts: readonly Count[]) => Counted | Promise<Counted>;

/** Counts kept at most, about 150 bytes each: above it the one unseen for longest begins anew. */
const MAX_COUNTS = 2 ** 17;

/**
 * @param shared the counts of all instances. This instance's own counts are checked first, so that a caller over the limit
 * costs no round trip; they alone decide when the others cannot be asked
 */
export const createRateLimiter = (
  shared?: RateCounter | undefined,
  now: () => number = () => performance.now(),
  max = MAX_COUNTS,
): RateLimiter => {
  const consumeHere = createOwnCounts(now, max);
  if (!shared) return consumeHere;
  const ask = async (counts: readonly Count[], here: Counted): Promise<Counted> => {
    const waits = await Promise.all(counts.map((count) => shared.consume(count)));
    const retryAfter = Math.max(0, ...waits.filter((wait) => wait !== undefined));
    return retryAfter > 0 ? { retryAfter } : here;
  };
  return (counts) => {
    const here = consumeHere(counts);
    return here.retryAfter === undefined ? ask(counts, here).catch(() => here) : here;
  };
};

const createOwnCounts = (now: () => number, max: number): ((counts: readonly Count[]) => Counted) => {
  const key = randomBytes(16).toString('base64');
  const known = new LRUCache<string, { count: number; readonly until: number }>({ max });
  // Names hold addresses and ids: they are kept as hashes by a key of this process.
  const idOf = (name: string): string => createHash('sha256').update(key).update(name).digest('base64url');
  return (counts) => {
    const at = now();
    const entries = counts.map(({ name, window }) => {
      const id = idOf(name);
      const present = known.get(id);
      return { id, entry: present && at < present.until ? present : { count: 0, until: at + window } };
    });
    const full = entries.filter(({ entry }, index) => entry.count >= (counts[index] as Count).limit);
    if (full.length > 0) {
      const until = Math.max(...full.map(({ entry }) => entry.until));
      return { retryAfter: Math.ceil((until - at) / 1_000) };
    }
    for (const { id, entry } of entries) {
      entry.count += 1;
      known.set(id, entry);
    }
    return { count: entries[0]?.entry.count ?? 0 };
  };
};
