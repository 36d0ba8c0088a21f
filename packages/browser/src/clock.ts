// The page's clock: milliseconds that never run backwards and do not miss a laptop's sleep.

/** Milliseconds by which the two clocks may differ without a reason: rounding, and drift corrected by NTP. */
const TOLERANCE = 100;

/**
 * Starts a clock. It follows the monotonic clock, which some systems stop while they sleep, and adds what the wall clock
 * moved ahead of it in the meantime. A wall clock that is set back changes nothing; one that is set forward looks like a
 * sleep, so that the error is always towards an early renewal and never towards a token that has in truth expired.
 */
export const startClock = (): (() => number) => {
  let skew = Date.now() - performance.now();
  let slept = 0;
  return () => {
    const time = performance.now();
    const jump = Date.now() - time - skew;
    if (jump > TOLERANCE) slept += jump;
    if (jump > TOLERANCE || jump < 0) skew += jump;
    return time + slept;
  };
};
