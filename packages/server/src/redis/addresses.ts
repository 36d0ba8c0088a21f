// Counts in Redis what each address causes in a minute, by a name that does not show it.
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { AddressCounter } from '../store/ports.ts';
import type { Link } from './commands.ts';
import type { Names } from './keys.ts';
import type { Script } from './scripts.ts';
import { scriptOf } from './scripts.ts';

interface Evaluation {
  readonly keys: string[];
  readonly arguments: string[];
}

/** Limits in force at a time: as many as there are mounts with limits of their own. */
const MAX_LIMITERS = 16;

export const createRedisAddresses = (link: Link, names: Names): AddressCounter => {
  const limiters = new Map<number, RateLimiterRedis>();
  const scripts = new Map<string, Script>();
  /** What the limiter takes for the official client: each of its questions is as short as ours. */
  const client = {
    eval: (text: string, { keys, arguments: args }: Evaluation) => {
      const script = scripts.get(text) ?? scriptOf(text);
      scripts.set(text, script);
      return link.run(script, keys, args);
    },
  };
  const limiterOf = (perMinute: number): RateLimiterRedis => {
    let limiter = limiters.get(perMinute);
    if (!limiter) {
      limiter = new RateLimiterRedis({
        storeClient: client,
        useRedisPackage: true,
        keyPrefix: names.key('address', String(perMinute)),
        points: perMinute,
        duration: 60,
      });
      if (limiters.size >= MAX_LIMITERS) limiters.clear();
      limiters.set(perMinute, limiter);
    }
    return limiter;
  };
  return {
    consume: async (address, perMinute) => {
      try {
        await limiterOf(perMinute).consume(names.of(JSON.stringify(['address', address]))[0] as string);
        return undefined;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
      }
    },
  };
};
