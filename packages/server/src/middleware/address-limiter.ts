// Counts the calls that each address causes in a minute: across instances where they share a store, else in memory.
import { createHmac, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { SharedAddresses } from '../store/shared.ts';
import { type AddressGroup, addressGroups } from './address.ts';

export interface AddressLimiter {
  /** Counts one call. Seconds until the address may cause another, or `undefined` where it may cause this one. */
  consume(address: string): Promise<number | undefined>;
}

/**
 * Counters kept at most. The limiter keeps one for each key and has no bound of its own, so addresses share counters
 * once there are very many of them; which ones do nobody outside can find out.
 */
const COUNTERS = 2 ** 17;

type Consume = (group: AddressGroup) => Promise<number | undefined>;

/**
 * @param perMinute calls of one address; of the wider networks of an IPv6 address, so many times its share
 * @param shared the count of all instances; this one's own is the insurance for when they cannot be asked
 */
export const createAddressLimiter = (
  perMinute: number,
  counters = COUNTERS,
  shared?: SharedAddresses | undefined,
): AddressLimiter => {
  const consumeHere = createOwnCount(perMinute, counters);
  const consume: Consume = shared
    ? (group) => shared.consume(group.name, perMinute * group.share).catch(() => consumeHere(group))
    : consumeHere;
  return {
    consume: async (address) => {
      for (const group of addressGroups(address)) {
        const retryAfter = await consume(group);
        if (retryAfter !== undefined) return retryAfter;
      }
      return undefined;
    },
  };
};

/** The count of this process: a limiter for each share, and a key by which nobody outside can aim at a counter. */
const createOwnCount = (perMinute: number, counters: number): Consume => {
  const key = randomBytes(32);
  const limiters = new Map<number, RateLimiterMemory>();
  const limiterOf = (share: number): RateLimiterMemory => {
    const limiter = limiters.get(share) ?? new RateLimiterMemory({ points: perMinute * share, duration: 60 });
    limiters.set(share, limiter);
    return limiter;
  };
  return async ({ name, share }) => {
    const counter = createHmac('sha256', key).update(name).digest().readUInt32BE() % counters;
    try {
      await limiterOf(share).consume(counter);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    }
  };
};
