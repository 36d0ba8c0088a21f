// The count of the busiest minute is what counting by hand gives, for any calls.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBusiestMinute } from './busiest-minute.ts';

const byHand = (times: readonly number[]): number =>
  Math.max(0, ...times.map((end) => times.filter((at) => at <= end && at > end - 60_000).length));

describe('the busiest minute', () => {
  it('is exact', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e13 }),
        fc.array(fc.integer({ min: 0, max: 50_000 })),
        (start, gaps) => {
          let at = start;
          const times = gaps.map((gap) => {
            at += gap;
            return at;
          });
          const busiest = createBusiestMinute();
          for (const time of times) busiest.arrive(time);
          expect(busiest.most).toBe(byHand(times));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('does not put two calls 60 seconds apart into one minute', () => {
    const busiest = createBusiestMinute();
    busiest.arrive(0);
    busiest.arrive(60_000);
    expect(busiest.most).toBe(1);
    busiest.arrive(119_999);
    expect(busiest.most).toBe(2);
  });

  it('survives a clock that is set back', () => {
    const busiest = createBusiestMinute();
    for (const at of [100_000, 50_000, 100_001]) busiest.arrive(at);
    expect(busiest.most).toBe(3);
  });
});
