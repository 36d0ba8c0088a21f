// The most calls in any 60 seconds: exact to the millisecond, in memory that does not grow with the calls.

const MINUTE = 60_000;

export interface BusiestMinute {
  arrive(at: number): void;
  readonly most: number;
  reset(): void;
}

export const createBusiestMinute = (): BusiestMinute => {
  const perMillisecond = new Uint32Array(MINUTE);
  let latest = Number.NEGATIVE_INFINITY;
  let inWindow = 0;
  let most = 0;

  const forget = () => {
    perMillisecond.fill(0);
    inWindow = 0;
  };

  /** Empties the milliseconds that have left the window, the one of exactly 60 seconds ago included. */
  const advance = (to: number) => {
    if (to - latest >= MINUTE) forget();
    else {
      for (let at = latest + 1; at <= to; at += 1) {
        const slot = at % MINUTE;
        inWindow -= perMillisecond[slot] as number;
        perMillisecond[slot] = 0;
      }
    }
    latest = to;
  };

  return {
    arrive(at) {
      const now = Math.floor(at);
      if (now > latest) advance(now);
      // A clock that was set back: such a call belongs to the latest millisecond known.
      const slot = latest % MINUTE;
      perMillisecond[slot] = (perMillisecond[slot] as number) + 1;
      inWindow += 1;
      most = Math.max(most, inWindow);
    },
    get most() {
      return most;
    },
    reset() {
      forget();
      latest = Number.NEGATIVE_INFINITY;
      most = 0;
    },
  };
};
