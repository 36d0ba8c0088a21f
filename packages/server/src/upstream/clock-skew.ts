// The platform's clock as far as its answers show it, so that a wrong clock of this machine asks for no wrong expiry.
import type { IncomingHttpHeaders } from 'node:http';

/** `Date` has whole seconds and an answer takes time to arrive: less than this says nothing. Milliseconds. */
const NOISE = 5_000;

/** Milliseconds, about 3,000 years: with a later one what is asked for would be no date, and no call would leave any more. */
const FARTHEST = 1e14;

export class ClockSkew {
  #ahead = 0;
  #last = '';

  /** Learns from an answer's `Date`. */
  learn({ date }: IncomingHttpHeaders, receivedAt: number): void {
    // `Date` has whole seconds: the first answer of a second is the most exact, so the others of that second are skipped.
    if (date === undefined || date === this.#last) return;
    this.#last = date;
    const ahead = Date.parse(date) - receivedAt;
    if (Math.abs(ahead) < FARTHEST) this.#ahead = Math.abs(ahead) < NOISE ? 0 : ahead;
  }

  /** What to do where this machine's clock is wrong: the platform may refuse what it asks for. */
  get hint(): string {
    const seconds = Math.round(Math.abs(this.#ahead) / 1_000);
    const side = this.#ahead > 0 ? 'behind' : 'ahead';
    return seconds < 60 ? '' : `The clock of this machine is ${seconds} s ${side}: set it by NTP. `;
  }

  /** Milliseconds since the epoch by the platform's clock, for this instant of ours. */
  toPlatform(at: number): number {
    return at + this.#ahead;
  }

  /** Milliseconds by our clock for an instant of the platform's. */
  toOurs(at: number): number {
    return at - this.#ahead;
  }
}
