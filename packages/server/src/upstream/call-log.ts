// The times at which calls left, and what the platform said of them: one log for each OAuth client of this process.
import { LRUCache } from 'lru-cache';

/**
 * Milliseconds that a departure counts: a little over the 60 s that the platform counts, as calls travel at different
 * speeds, so that those which left 60 s apart may arrive closer together.
 */
export const WINDOW = 61_000;

/** How long the others wait for what a probe finds, in ms. */
const PROBE_PAUSE = 5_000;

/** A call that left. */
export interface Departure {
  readonly at: number;
  /** Its name in the count of all instances. */
  readonly id?: string;
}

export class CallLog {
  /** Oldest first. */
  readonly #departures: Departure[] = [];
  /** No call leaves before. */
  pausedUntil = Number.NEGATIVE_INFINITY;
  /** The pause was longer than is believed: its end is to be tried with one call. */
  probing = false;
  /** By the platform's own count: calls that it allows in a window, and those left until that count begins anew. */
  platform = { allowed: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY, until: 0 };
  /** Calls that may count here until then, if the other instances cannot be asked meanwhile. */
  granted = { calls: Number.POSITIVE_INFINITY, until: 0 };

  add(departure: Departure): void {
    if (this.probing) {
      // The first call after a long pause: the next ones wait for what it finds.
      this.probing = false;
      this.pausedUntil = departure.at + PROBE_PAUSE;
    }
    this.#departures.push(departure);
    this.platform.left -= 1;
  }

  /** The one that left last did not leave after all. */
  removeNewest(): Departure | undefined {
    this.platform.left += 1;
    return this.#departures.pop();
  }

  /** Departures that count at `now`. */
  counting(now: number): readonly Departure[] {
    while (this.#departures[0] && this.#departures[0].at + WINDOW <= now) this.#departures.shift();
    return this.#departures;
  }

  /** When the `nth` of `limit` places, counted from the one that is free first, is free; -Infinity where it is. */
  freeAt(limit: number, nth: number, now: number): number {
    const counting = this.counting(now);
    const blocking = counting[counting.length - limit + nth];
    return blocking ? blocking.at + WINDOW : Number.NEGATIVE_INFINITY;
  }
}

/** Bounded, however many clients a process uses one after another. */
const logs = new LRUCache<string, CallLog>({ max: 100 });

/** The log that all in this process share who use this client: the platform counts them as one, also those who have closed. */
export const callLogOf = (oauthUrl: string, clientId: string): CallLog => {
  const name = `${oauthUrl} ${clientId}`;
  const log = logs.get(name) ?? new CallLog();
  logs.set(name, log);
  return log;
};
