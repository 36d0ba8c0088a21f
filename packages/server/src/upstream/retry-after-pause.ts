// Heeds what the platform says of waiting, for all calls: also for one that has its turn and still waits for a connection.
import type { SlidingWindow } from './ports.ts';
import { LONGEST_PAUSE } from './sliding-window.ts';
import type { Failure } from './upstream-error.ts';

export interface Pauses {
  /** Pauses all calls where this failure asks for it. */
  heed(failure: Failure): void;
  /** A call succeeded. */
  relax(): void;
  /** Whether a call may leave, as far as this instance has heard. */
  mayLeave(): boolean;
}

/** Pause after a 429 that names none, or 0, in ms: doubled from one to the next. */
const UNNAMED = { first: 1_000, most: 30_000 } as const;

/** The most by which a pause is lengthened, in ms: users report a second 429 after waiting exactly as long as told. */
const JITTER = 500;

export const createPauses = (
  window: Pick<SlidingWindow, 'pause'>,
  { now, random }: { readonly now: () => number; readonly random: () => number },
): Pauses => {
  let until = Number.NEGATIVE_INFINITY;
  let unnamed = 0;

  const named = ({ kind, retryAfter }: Failure): number | undefined => {
    if (retryAfter) return retryAfter * 1_000;
    if (kind !== 'limited') return undefined;
    // Calls that were under way together count as one.
    if (now() >= until) unnamed += 1;
    return Math.min(UNNAMED.most, UNNAMED.first * 2 ** (unnamed - 1));
  };

  return {
    heed: (failure) => {
      const pause = named(failure);
      if (!pause) return;
      const jittered = pause + random() * JITTER;
      until = Math.max(until, now() + Math.min(jittered, LONGEST_PAUSE));
      window.pause(jittered);
    },
    relax: () => {
      unnamed = 0;
    },
    mayLeave: () => now() >= until,
  };
};
