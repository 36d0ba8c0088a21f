// When to ask: one due time, re-checked in short slices, with a back-off that no wrong clock or answer turns into a loop.

/** Longest time between two looks at the clock, ms: a sleep that no event ends is noticed after this long. */
const SLICE = 30_000;
/** Shortest time between two tries, ms, and the range of the first wait. */
const BACKOFF_BASE = 1_000;
/** Longest range of a wait, ms. */
const BACKOFF_CAP = 120_000;
/** Longest `Retry-After` that is believed, seconds. */
const LONGEST_PAUSE = 86_400;
/** Widest spread of the due time, ms: ten tabs must not ask at the same moment. */
const WIDEST_SPREAD = 30_000;
export const NEVER = Infinity;

export interface Renewal {
  /** Asks now, or joins the one who is asking. Rejects as `ask` does. */
  run(): Promise<void>;
  /** Resolves when nobody asks any more. */
  idle(): Promise<void>;
  /** Looks at the clock: asks if it is time, and sets the alarm. */
  check(): void;
  /** There is a network again: after a failure asks at once, but never before the server's `Retry-After`. */
  hurry(): void;
  /** Sets the next due time: `renewIn` seconds after `anchor` (ms of the clock), a little later to be spread, before `expiry`. */
  schedule(anchor: number, renewIn?: number, expiry?: number): void;
  /** Is it time to ask? */
  isDue(): boolean;
}

/**
 * @param now the page's clock, ms
 * @param signal ends it
 * @param ask gets an answer and calls `schedule`; rejects with `retryAfter` in seconds
 * @param look does what else is to be done at this moment, and says when to look again (ms of the clock)
 */
export const createRenewal = (
  now: () => number,
  signal: AbortSignal,
  ask: () => Promise<void>,
  look: () => number,
): Renewal => {
  let due = NEVER;
  let floor = 0;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  const isDue = () => now() >= due;

  const check = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    const other = look();
    if (isDue()) run().catch(() => {});
    const next = Math.min(running ? NEVER : due, other);
    if (next < NEVER) timer = setTimeout(check, Math.min(next - now(), SLICE));
  };

  /** An answer that leaves us due again is no better than a failure: both wait longer each time, with full jitter above the floor. */
  const settle = (retryAfter = 0): void => {
    running = undefined;
    if (isDue()) {
      floor = now() + Math.max(BACKOFF_BASE, Math.min(retryAfter, LONGEST_PAUSE) * 1000);
      due = floor + Math.random() * Math.min(BACKOFF_CAP, BACKOFF_BASE * 2 ** failures);
      failures += 1;
    } else failures = 0;
    check();
  };

  const run = (): Promise<void> => {
    running ??= ask().then(
      () => settle(),
      (error) => {
        settle(error.retryAfter);
        throw error;
      },
    );
    return running;
  };

  signal.addEventListener('abort', check);

  return {
    run,
    idle: async () => running?.catch(() => {}),
    check,
    hurry() {
      if (failures) due = Math.min(due, floor);
      check();
    },
    schedule(anchor, renewIn = NEVER, expiry = NEVER) {
      due = anchor + renewIn * 1000;
      // What is due at once, or never, has nothing to spread.
      due += Math.random() * Math.max(0, Math.min(renewIn * 250, (expiry - due) / 4, WIDEST_SPREAD) || 0);
      check();
    },
    isDue,
  };
};
