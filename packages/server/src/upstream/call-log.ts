// The times at which calls left, and what the platform said of them: one record for each OAuth client of this process.

/**
 * Milliseconds that a departure counts: a little over the 60 s that the platform counts, as calls travel at different
 * speeds, so that those which left 60 s apart may arrive closer together.
 */
export const WINDOW = 61_000;

export interface CallLog {
  add(at: number): void;
  removeNewest(): void;
  /** Departures that count at `now`. */
  size(now: number): number;
  /** When the `nth` of `limit` places, counted from the one that is free first, is free; -Infinity where it is. */
  freeAt(limit: number, nth: number, now: number): number;
  /** No call leaves before. */
  pausedUntil: number;
  /** The pause was longer than is believed: its end is to be tried with one call. */
  probing: boolean;
  /** Calls that the platform would still take, by its own count, until that count begins anew. */
  platform: { left: number; readonly until: number };
}

/** Departures that no longer count are cut off in bulk, so that each costs the same however many there are. */
const CUT = 1_024;

export const createCallLog = (): CallLog => {
  /** Oldest first; those before `first` count no more. */
  const departures: number[] = [];
  let first = 0;

  const forgetOld = (now: number): void => {
    while (first < departures.length && (departures[first] as number) + WINDOW <= now) first += 1;
    if (first < CUT || first * 2 < departures.length) return;
    departures.splice(0, first);
    first = 0;
  };

  return {
    add: (at) => {
      forgetOld(at);
      departures.push(at);
    },
    removeNewest: () => {
      if (departures.length > first) departures.pop();
    },
    size: (now) => {
      forgetOld(now);
      return departures.length - first;
    },
    freeAt: (limit, nth, now) => {
      forgetOld(now);
      const index = departures.length - limit + nth;
      return index < first ? Number.NEGATIVE_INFINITY : (departures[index] as number) + WINDOW;
    },
    pausedUntil: Number.NEGATIVE_INFINITY,
    probing: false,
    platform: { left: Number.POSITIVE_INFINITY, until: 0 },
  };
};

interface Shared {
  readonly log: CallLog;
  users: number;
}

const shared = new Map<string, Shared>();

/** The record that all in this process share who use this client: the platform counts them as one. */
export const shareCallLog = (oauthUrl: string, clientId: string): { log: CallLog; release: () => void } => {
  const name = `${oauthUrl} ${clientId}`;
  const entry = shared.get(name) ?? { log: createCallLog(), users: 0 };
  shared.set(name, entry);
  entry.users += 1;
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    entry.users -= 1;
    if (entry.users === 0) shared.delete(name);
  };
  return { log: entry.log, release };
};
