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

/** A time, ms of the clock. */
type Ms = () => number;

/** When it is time, ms of the clock, and what failures have to do with it. */
interface Due {
  at: number;
  /** Not before this time, whatever happens. */
  floor: number;
  failures: number;
}

/** An answer that leaves us due again is no better than a failure: both wait longer each time, with full jitter above the floor. */
const postpone = (due: Due, now: number, retryAfter: number) => {
  due.floor = now + Math.max(BACKOFF_BASE, Math.min(retryAfter, LONGEST_PAUSE) * 1000);
  due.at = due.floor + Math.random() * Math.min(BACKOFF_CAP, BACKOFF_BASE * 2 ** due.failures);
  due.failures += 1;
};

/** What is due at once, or never, has nothing to spread. */
const spread = (renewIn: number, room: number) =>
  Math.random() * Math.max(0, Math.min(renewIn * 250, room / 4, WIDEST_SPREAD) || 0);

/**
 * @param now the page's clock, ms
 * @param signal ends it
 * @param ask gets an answer and calls `schedule`; rejects with `retryAfter` in seconds
 * @param look does what else is to be done at this moment, and says when to look again (ms of the clock)
 */
export const createRenewal = (now: Ms, signal: AbortSignal, ask: () => Promise<void>, look: Ms): Renewal => {
  const due: Due = { at: NEVER, floor: 0, failures: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  const isDue = () => now() >= due.at;

  const check = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    const other = look();
    if (isDue()) run().catch(() => {});
    const next = Math.min(running ? NEVER : due.at, other);
    if (next < NEVER) timer = setTimeout(check, Math.min(next - now(), SLICE));
  };

  const settle = (retryAfter = 0): void => {
    running = undefined;
    if (isDue()) postpone(due, now(), retryAfter);
    else due.failures = 0;
    check();
  };

  const run = (): Promise<void> => {
    const failed = (error: { readonly retryAfter?: number }) => {
      settle(error.retryAfter);
      throw error;
    };
    running ??= ask().then(() => settle(), failed);
    return running;
  };

  signal.addEventListener('abort', check);

  return {
    run,
    idle: async () => running?.catch(() => {}),
    check,
    hurry() {
      if (due.failures) due.at = Math.min(due.at, due.floor);
      check();
    },
    schedule(anchor, renewIn = NEVER, expiry = NEVER) {
      const at = anchor + renewIn * 1000;
      due.at = at + spread(renewIn, expiry - at);
      check();
    },
    isDue,
  };
};
