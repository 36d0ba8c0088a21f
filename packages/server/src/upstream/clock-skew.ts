// The platform's clock as far as its answers show it, so that a wrong clock of this machine asks for no wrong expiry.
import type { IncomingHttpHeaders } from 'node:http';

export interface PlatformTime {
  /** Milliseconds since the epoch by the platform's clock, for this instant of ours. */
  toPlatform(at: number): number;
  /** Milliseconds by our clock for an instant of the platform's. */
  toOurs(at: number): number;
  /** Learns from an answer's `Date`. */
  learn(headers: IncomingHttpHeaders, receivedAt: number): void;
}

/** `Date` has whole seconds and an answer takes time to arrive: less than this says nothing. */
const NOISE = 5_000;

export const createPlatformTime = (): PlatformTime => {
  let offset = 0;
  let last = '';
  return {
    toPlatform: (at) => at + offset,
    toOurs: (at) => at - offset,
    learn: ({ date }, receivedAt) => {
      // The first answer of a second says it best; the others of that second only say it later.
      if (date === undefined || date === last) return;
      last = date;
      const theirs = Date.parse(date);
      if (Number.isNaN(theirs)) return;
      const seen = theirs - receivedAt;
      offset = Math.abs(seen) < NOISE ? 0 : seen;
    },
  };
};
