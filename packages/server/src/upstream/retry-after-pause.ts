// Heeds what the platform says of waiting, for all calls: also for one that has its turn and still waits for a connection.
import type { SlidingWindow } from './ports.ts';
import { LONGEST_PAUSE } from './sliding-window.ts';
import type { Failure } from './upstream-error.ts';

/** Pause after a 429 that names none, or 0, in ms: doubled from one to the next. */
const UNNAMED = { first: 1_000, most: 30_000 } as const;

/** The most by which a pause is lengthened, in ms: users report a second 429 after waiting exactly as long as told. */
const JITTER = 500;

export class RetryAfterPause {
  readonly #window: Pick<SlidingWindow, 'pause'>;
  readonly #now: () => number;
  readonly #random: () => number;
  #until = Number.NEGATIVE_INFINITY;
  #unnamed = 0;

  constructor(window: Pick<SlidingWindow, 'pause'>, now: () => number, random: () => number) {
    this.#window = window;
    this.#now = now;
    this.#random = random;
  }

  /** Whether no call may leave, as far as this instance has heard. */
  get active(): boolean {
    return this.#now() < this.#until;
  }

  /** Pauses all calls where this failure asks for it. */
  heed(failure: Pick<Failure, 'kind' | 'retryAfter'>): void {
    const pause = failure.retryAfter ? failure.retryAfter * 1_000 : this.#unnamedPause(failure.kind);
    if (!pause) return;
    const jittered = pause + this.#random() * JITTER;
    this.#until = Math.max(this.#until, this.#now() + Math.min(jittered, LONGEST_PAUSE));
    this.#window.pause(jittered);
  }

  /** A call succeeded. */
  relax(): void {
    this.#unnamed = 0;
  }

  #unnamedPause(kind: Failure['kind']): number {
    if (kind !== 'limited') return 0;
    // Calls that were under way together count as one.
    if (!this.active) this.#unnamed += 1;
    return Math.min(UNNAMED.most, UNNAMED.first * 2 ** (this.#unnamed - 1));
  }
}
