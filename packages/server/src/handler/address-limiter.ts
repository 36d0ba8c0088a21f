// Counts the calls that each address causes in a minute: across instances where they share a store, else in memory.
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AddressCounter } from '../store/ports.ts';
import { type AddressGroup, addressGroups } from './client-address.ts';

export interface AddressLimiter {
  /**
   * Counts one call for a guest. Seconds until the address may cause another, or `undefined` where it may cause this one.
   * Callers that ask for the same guest at the same time cause one call, and are counted once.
   */
  consume(address: string, guest: string): number | undefined | Promise<number | undefined>;
}

/** Counters kept at most, about 100 bytes each: above it the address unseen for longest begins anew. */
const COUNTERS = 2 ** 17;

/** Milliseconds in which calls are counted, from an address' first. */
const WINDOW = 60_000;

type Consume = (group: AddressGroup) => number | undefined;

/**
 * @param perMinute calls of one address; of the wider networks of an IPv6 address, so many times its share
 * @param shared the count of all instances; this one's own is the insurance for when they cannot be asked
 */
export const createAddressLimiter = (
  perMinute: number,
  counters = COUNTERS,
  shared?: AddressCounter | undefined,
  now: () => number = () => performance.now(),
): AddressLimiter => {
  const consumeHere = createOwnCount(perMinute, counters, now);
  const countHere = (groups: readonly AddressGroup[]): number | undefined => {
    for (const group of groups) {
      const retryAfter = consumeHere(group);
      if (retryAfter !== undefined) return retryAfter;
    }
    return undefined;
  };
  if (!shared) return { consume: (address) => countHere(addressGroups(address)) };

  const asking = new Map<string, Promise<number | undefined>>();
  const count = async (groups: readonly AddressGroup[]): Promise<number | undefined> => {
    for (const group of groups) {
      const asked = shared.consume(group.name, perMinute * group.share);
      const retryAfter = await asked.catch(() => consumeHere(group));
      if (retryAfter !== undefined) return retryAfter;
    }
    return undefined;
  };
  return {
    consume: (address, guest) => {
      const name = `${address}\0${guest}`;
      const present = asking.get(name);
      if (present) return present;
      const counting = count(addressGroups(address)).finally(() => asking.delete(name));
      asking.set(name, counting);
      return counting;
    },
  };
};

interface Count {
  calls: number;
  readonly until: number;
}

/** The count of this process: addresses are kept as hashes by a key of its own. */
const createOwnCount = (perMinute: number, counters: number, now: () => number): Consume => {
  const key = randomBytes(16).toString('base64');
  const counts = new LRUCache<string, Count>({ max: counters });
  return ({ name, share }) => {
    const id = createHash('sha256').update(key).update(name).digest('base64').slice(0, 16);
    const at = now();
    const known = counts.get(id);
    const count = known && at < known.until ? known : { calls: 0, until: at + WINDOW };
    if (count.calls >= perMinute * share) return Math.max(1, Math.ceil((count.until - at) / 1_000));
    count.calls += 1;
    counts.set(id, count);
    return undefined;
  };
};
