// When to ask: one due time, re-checked in short slices, with a back-off that no wrong clock or answer turns into a loop.
import { backoff } from '@genesys-guest/common';

/** Longest time between two looks at the clock, ms: a sleep that no event ends is noticed after this long. */
export const SLICE = 30_000;
/** Shortest time between two tries, ms, and the range of the first wait. */
export const BACKOFF_BASE = 1_000;
/** Longest range of a wait, ms. */
export const BACKOFF_CAP = 120_000;
/** Longest `Retry-After` that is believed, seconds. */
export const LONGEST_PAUSE = 86_400;
/** Widest spread of the due time, seconds: ten tabs must not ask at the same moment. */
export const WIDEST_SPREAD = 30;
export const NEVER = Infinity;

export interface Refresher {
  /** Asks now, or joins the one who is asking. Rejects as `ask` does. */
  run(): Promise<void>;
  /** Resolves when nobody asks any more. */
  idle(): Promise<void>;
  /** Looks at the clock: asks if it is time, announces an expiry, and sets the alarm. */
  check(): void;
  /** Sets the next due time, `renewIn` seconds after `anchor` (ms of the clock); without it nothing is due. */
  schedule(anchor: number, renewIn?: number, expiresIn?: number): void;
  /** Is it time to ask? */
  isDue(): boolean;
  /** Is what we hold still good? */
  isGood(): boolean;
  /** Ms of the clock until which it is; the moment is announced once. */
  expiry: number;
  stop(): void;
}

/**
 * @param now the page's clock, ms
 * @param ask gets an answer and calls `schedule`; rejects with `retryAfter` in seconds where the server gave it
 * @param onExpired what we hold is of no use any more
 */
export const createRefresher = (
  now: () => number,
  ask: () => Promise<void>,
  onExpired: () => void,
): Refresher => {
  let due = NEVER;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const isDue = () => now() >= due;
  const isGood = () => now() < refresher.expiry;

  const check = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    if (!isGood()) {
      refresher.expiry = NEVER;
      onExpired();
    }
    if (isDue()) run().catch(() => {});
    const next = Math.min(running ? NEVER : due, refresher.expiry);
    if (next < NEVER) timer = setTimeout(check, Math.min(next - now(), SLICE));
  };

  /** An answer that leaves us due again is no better than a failure: both wait longer each time. */
  const settle = (retryAfter: number): void => {
    running = undefined;
    if (isDue()) {
      const floor = Math.max(BACKOFF_BASE, Math.min(retryAfter, LONGEST_PAUSE) * 1000);
      due = now() + backoff(++failures, { base: BACKOFF_BASE, cap: BACKOFF_CAP }, Math.random(), floor);
    } else failures = 0;
    check();
  };

  const run = (): Promise<void> => {
    running ??= ask().then(
      () => settle(0),
      (error) => {
        settle(error.retryAfter);
        throw error;
      },
    );
    return running;
  };

  const refresher: Refresher = {
    run,
    idle: () => Promise.resolve(running).catch(() => {}),
    check,
    schedule(anchor, renewIn = NEVER, expiresIn = 2 * renewIn) {
      const spread = Math.min(WIDEST_SPREAD, (expiresIn - renewIn) / 4);
      due = anchor + (renewIn > 0 ? renewIn + Math.random() * Math.max(0, spread || 0) : 0) * 1000;
      check();
    },
    isDue,
    isGood,
    expiry: NEVER,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
  return refresher;
};
