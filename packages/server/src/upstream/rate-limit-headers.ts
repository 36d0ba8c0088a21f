// Learns from the platform's own count of our calls: others may use the same client, in the same minute.
import type { IncomingHttpHeaders } from 'node:http';
import type { SlidingWindow } from './ports.ts';

export interface PlatformCount {
  /** A call leaves; returns what reads its answer. */
  departed(): (headers: IncomingHttpHeaders) => void;
}

/**
 * Answers overtake each other, so that a count may be old when it arrives. Calls arrive about in the order in which
 * they left: so what left after the counted one is taken off, and a count older than one that is known says nothing.
 */
export const createPlatformCount = (window: Pick<SlidingWindow, 'learn'>): PlatformCount => {
  let departures = 0;
  let newest = 0;
  return {
    departed: () => {
      departures += 1;
      const own = departures;
      return (headers) => {
        if (own < newest) return;
        const count = numberOf(headers['inin-ratelimit-count']);
        const allowed = numberOf(headers['inin-ratelimit-allowed']);
        const reset = numberOf(headers['inin-ratelimit-reset']);
        if (!Number.isFinite(count + allowed + reset)) return;
        newest = own;
        window.learn(allowed, Math.max(0, allowed - count - (departures - own)), Math.max(0, reset) * 1_000);
      };
    },
  };
};

const numberOf = (header: string | string[] | undefined): number =>
  typeof header === 'string' && header !== '' ? Number(header) : Number.NaN;
