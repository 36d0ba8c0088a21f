// Counts the calls that each address causes in a minute: across instances where they share a store, else in memory.
import { createHmac, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { SharedAddresses } from '../store/shared.ts';
import { addressGroup } from './address.ts';

export interface AddressLimiter {
  /** Counts one call. Seconds until the address may cause another, or `undefined` where it may cause this one. */
  consume(address: string): Promise<number | undefined>;
}

/**
 * Counters kept at most. The limiter keeps one for each key and has no bound of its own, so addresses share counters
 * once there are very many of them; which ones do nobody outside can find out.
 */
const COUNTERS = 2 ** 17;

/**
 * @param perMinute calls of one address
 * @param shared the count of all instances; this one's own is the insurance for when they cannot be asked
 */
export const createAddressLimiter = (
  perMinute: number,
  counters = COUNTERS,
  shared?: SharedAddresses | undefined,
): AddressLimiter => {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const key = randomBytes(32);
  const counterOf = (address: string): number =>
    createHmac('sha256', key).update(addressGroup(address)).digest().readUInt32BE() % counters;
  const consumeHere = async (address: string): Promise<number | undefined> => {
    try {
      await limiter.consume(counterOf(address));
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    }
  };
  if (!shared) return { consume: consumeHere };
  return {
    consume: (address) => shared.consume(addressGroup(address), perMinute).catch(() => consumeHere(address)),
  };
};
