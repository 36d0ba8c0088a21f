// The times at which calls left, and what the platform said of them: one log for each OAuth client of this process.

/**
 * Milliseconds that a departure counts: a little over the 60 s that the platform counts, as calls travel at different
 * speeds, so that those which left 60 s apart may arrive closer together.
 */
export const WINDOW = 61_000;

/** Departures that no longer count are cut off in bulk, so that each costs the same however many there are. */
const CUT = 1_024;

export class CallLog {
  /** Oldest first; those before `#first` count no more. */
  readonly #departures: number[] = [];
  #first = 0;
  /** No call leaves before. */
  pausedUntil = Number.NEGATIVE_INFINITY;
  /** The pause was longer than is believed: its end is to be tried with one call. */
  probing = false;
  /** By the platform's own count: calls that it allows in a window, and those left until that count begins anew. */
  platform = { allowed: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY, until: 0 };

  add(at: number): void {
    this.#departures.push(at);
  }

  removeNewest(): void {
    if (this.#departures.length > this.#first) this.#departures.pop();
  }

  /** Departures that count at `now`. */
  size(now: number): number {
    this.#forgetOld(now);
    return this.#departures.length - this.#first;
  }

  /** When the `nth` of `limit` places, counted from the one that is free first, is free; -Infinity where it is. */
  freeAt(limit: number, nth: number, now: number): number {
    this.#forgetOld(now);
    const index = this.#departures.length - limit + nth;
    return index < this.#first ? Number.NEGATIVE_INFINITY : (this.#departures[index] as number) + WINDOW;
  }

  #forgetOld(now: number): void {
    const departures = this.#departures;
    while (this.#first < departures.length && (departures[this.#first] as number) + WINDOW <= now) {
      this.#first += 1;
    }
    if (this.#first < CUT || this.#first * 2 < departures.length) return;
    departures.splice(0, this.#first);
    this.#first = 0;
  }
}

const shared = new Map<string, { readonly log: CallLog; users: number }>();

/** The log that all in this process share who use this client: the platform counts them as one. */
export const shareCallLog = (oauthUrl: string, clientId: string): { log: CallLog; release: () => void } => {
  const name = `${oauthUrl} ${clientId}`;
  const entry = shared.get(name) ?? { log: new CallLog(), users: 0 };
  shared.set(name, entry);
  entry.users += 1;
  const release = (): void => {
    entry.users -= 1;
    if (entry.users === 0) shared.delete(name);
  };
  return { log: entry.log, release };
};
