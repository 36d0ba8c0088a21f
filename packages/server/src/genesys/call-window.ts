// Counts the calls of the last 60 s: at most so many may have left in any of them, and none during a pause.

export interface CallWindow {
  /** Takes one call: 0 where it may leave now, else milliseconds until it is worth asking again. */
  take(known: boolean): Promise<number>;
  /** The call that was taken last does not leave after all. */
  giveBack(): void;
  /** Milliseconds until `calls` more could leave, as far as is known here. */
  forecast(calls: number, known: boolean): number;
  /** No call leaves for so many milliseconds. */
  pause(ms: number): void;
  /** What the platform itself counted: calls left in its present window, and milliseconds until that window ends. */
  learn(left: number, resetIn: number): void;
  /** Calls that could leave now. */
  readonly left: number;
}

/**
 * A little over the 60 s that the platform counts: calls travel at different speeds, so that those which left 60 s
 * apart may arrive closer together.
 */
export const WINDOW = 61_000;

/** The part of the window that newcomers may not use: it is kept for renewals and for guests whom the site identified. */
export const KEPT_SHARE = 0.2;

/** A pause is believed up to this long; then one call goes to see. */
const LONGEST_PAUSE = 300_000;

/** The window of one process: exact, by the times at which calls left. */
export const createCallWindow = (perMinute: number, now: () => number): CallWindow => {
  /** Times of departure, oldest first, in a ring of `perMinute`. */
  const departures = new Float64Array(perMinute).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let probing = false;
  let platform = { left: Number.POSITIVE_INFINITY, until: 0 };
  const kept = Math.floor(perMinute * KEPT_SHARE);

  /** When the departure that is `nth` from the oldest stops counting. */
  const freeAt = (nth: number): number => (departures[(next + nth) % perMinute] as number) + WINDOW;

  /** When `calls` more could leave. Beyond a whole window, window by window. */
  const possibleAt = (calls: number, known: boolean): number => {
    const nth = calls - 1 + (known ? 0 : kept);
    const rounds = Math.floor(nth / perMinute);
    const own = Math.max(freeAt(nth % perMinute), now()) + rounds * WINDOW;
    const byPlatform = platform.until > now() && calls > platform.left ? platform.until : 0;
    return Math.max(own, byPlatform, pausedUntil);
  };

  return {
    take: async (known) => {
      const wait = possibleAt(1, known) - now();
      if (wait > 0) return wait;
      if (probing) {
        // The first call after a long pause: the next ones wait for what it finds.
        probing = false;
        pausedUntil = now() + PROBE_PAUSE;
      }
      departures[next] = now();
      next = (next + 1) % perMinute;
      platform.left -= 1;
      return 0;
    },
    giveBack: () => {
      next = (next - 1 + perMinute) % perMinute;
      departures[next] = Number.NEGATIVE_INFINITY;
    },
    forecast: (calls, known) => Math.max(0, possibleAt(calls, known) - now()),
    pause: (ms) => {
      probing = ms > LONGEST_PAUSE;
      pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, LONGEST_PAUSE));
    },
    learn: (left, resetIn) => {
      platform = { left, until: now() + resetIn };
    },
    get left() {
      if (pausedUntil > now()) return 0;
      const own = departures.reduce((free, at) => (at + WINDOW <= now() ? free + 1 : free), 0);
      return platform.until > now() ? Math.min(own, Math.max(0, platform.left)) : own;
    },
  };
};

/** How long the others wait for what a probe finds, in ms. */
const PROBE_PAUSE = 5_000;
