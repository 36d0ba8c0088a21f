// Reads what the platform's answers say of its limit: its own count of our calls, and how long to wait.
import type { IncomingHttpHeaders } from 'node:http';
import { parseRetryAfter } from '@genesys-guest/common';
import type { SlidingWindow } from './ports.ts';

/**
 * The platform counts all who use one client. Answers overtake each other, so that a count may be old when it arrives:
 * what left after the counted call is taken off, and a count older than one that is known says nothing.
 */
export class PlatformCount {
  readonly #window: Pick<SlidingWindow, 'learn'>;
  #departures = 0;
  #newest = 0;

  constructor(window: Pick<SlidingWindow, 'learn'>) {
    this.#window = window;
  }

  /** A call leaves; returns what reads its answer. */
  departed(): (headers: IncomingHttpHeaders) => void {
    this.#departures += 1;
    const own = this.#departures;
    return (headers) => {
      if (own < this.#newest) return;
      const count = numberOf(headers['inin-ratelimit-count']);
      const allowed = numberOf(headers['inin-ratelimit-allowed']);
      const reset = numberOf(headers['inin-ratelimit-reset']);
      if (!Number.isFinite(count + allowed + reset)) return;
      this.#newest = own;
      const left = Math.max(0, allowed - count - (this.#departures - own));
      this.#window.learn(allowed, left, Math.max(0, reset) * 1_000);
    };
  }
}

const numberOf = (header: string | string[] | undefined): number =>
  typeof header === 'string' && header !== '' ? Number(header) : Number.NaN;

/**
 * Seconds, where the platform names any. A date is meant by the clock of who answered, which may be a proxy: so the
 * answer's own `Date` comes first.
 */
export const retryAfterOf = (headers: IncomingHttpHeaders, platformNow: number): number | undefined => {
  const answeredAt = Date.parse(headers.date ?? '');
  return parseRetryAfter(headers['retry-after'], Number.isNaN(answeredAt) ? platformNow : answeredAt);
};
