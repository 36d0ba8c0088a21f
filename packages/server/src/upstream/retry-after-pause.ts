// Heeds what the platform says of waiting, for all calls: also for one that has its turn and still waits for a connection.
import type { SlidingWindow } from './ports.ts';
import { LONGEST_PAUSE } from './sliding-window.ts';
import type { Failure } from './upstream-error.ts';

/** Pause after a 429 that names none, or 0, in ms: doubled from one to the next. */
const UNNAMED = { first: 1_000, most: 30_000 } as const;

/** The most by which a pause is lengthened, in ms: users report a second 429 after waiting exactly as long as told. */
const JITTER = 500;

export const createRetryAfterPause = (
  window: Pick<SlidingWindow, 'pause'>,
  now: () => number,
  random: () => number,
) => {
  let until = Number.NEGATIVE_INFINITY;
  let unnamed = 0;
  return {
    /** Whether no call may leave, as far as this instance has heard. */
    get active(): boolean {
      return now() < until;
    },
    /** Pauses all calls where this failure asks for it. */
    heed: ({ kind, retryAfter }: Pick<Failure, 'kind' | 'retryAfter'>): void => {
      if (!retryAfter && kind !== 'limited') return;
      // Calls that were under way together count as one.
      if (!retryAfter && now() >= until) unnamed += 1;
      const asked = retryAfter
        ? retryAfter * 1_000
        : Math.min(UNNAMED.most, UNNAMED.first * 2 ** (unnamed - 1));
      const pause = asked + random() * JITTER;
      until = Math.max(until, now() + Math.min(pause, LONGEST_PAUSE));
      window.pause(pause);
    },
    /** A call succeeded. */
    relax: (): void => {
      unnamed = 0;
    },
  };
};
