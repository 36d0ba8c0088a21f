// Reads what the platform's answers say of its limit: its own count of our calls, and how long to wait.
import type { IncomingHttpHeaders } from 'node:http';
import { parseRetryAfter } from '@genesys-guest/common';
import type { SlidingWindow } from './ports.ts';

/** Seconds: the platform counts by the minute. One answer with a date in place of seconds would stop calls for good. */
const LONGEST_RESET = 60;

/**
 * The platform counts all who use one client. Answers overtake each other, so that a count may be old when it arrives:
 * what left after the counted call is taken off, and a count older than one that is known says nothing.
 * @returns to be called when a call leaves; returns what reads its answer
 */
export const createPlatformCount = (window: Pick<SlidingWindow, 'learn'>) => {
  let departures = 0;
  let newest = 0;
  return () => {
    departures += 1;
    const own = departures;
    return (headers: IncomingHttpHeaders): void => {
      const count = Number.parseFloat(String(headers['inin-ratelimit-count']));
      const allowed = Number.parseFloat(String(headers['inin-ratelimit-allowed']));
      const reset = Number.parseFloat(String(headers['inin-ratelimit-reset']));
      if (own < newest || !Number.isFinite(count + allowed + reset)) return;
      newest = own;
      const left = Math.max(0, allowed - count - (departures - own));
      window.learn(allowed, left, Math.min(Math.max(0, reset), LONGEST_RESET) * 1_000);
    };
  };
};

/**
 * Seconds, where the platform names any. A date is meant by the clock of who answered, which may be a proxy: so the
 * answer's own `Date` comes first.
 */
export const retryAfterOf = (headers: IncomingHttpHeaders, platformNow: number): number | undefined => {
  const answeredAt = Date.parse(headers.date ?? '');
  return parseRetryAfter(headers['retry-after'], Number.isNaN(answeredAt) ? platformNow : answeredAt);
};
