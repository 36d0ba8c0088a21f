// @vitest-environment jsdom
// A month in the life of a page: whatever happens to it, no expired token is shown, none is missed, and no storm is made.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Life, live, type Stretch } from './testing/world.ts';

/** Times as many lives as by default: `GENESYS_GUEST_LIVES=100 vitest run month`. */
const LIVES = Number(process.env['GENESYS_GUEST_LIVES'] ?? 1);

/** Seconds: as likely a few as many. */
const seconds = (most: number) =>
  fc.double({ min: 0, max: Math.log(most), noNaN: true }).map((power) => Math.ceil(Math.exp(power)));

const DAY = 86_400;
const stretch: fc.Arbitrary<Stretch> = fc.oneof(
  fc.record({ awake: seconds(3 * DAY) }),
  fc.record({ asleep: seconds(3 * DAY), monotonicStops: fc.boolean(), told: fc.boolean() }),
  fc.record({ hidden: seconds(3 * DAY) }),
  fc.record({ offline: seconds(DAY) }),
  fc.record({ serverFails: seconds(DAY) }),
  fc.record({ limited: seconds(DAY), retryAfter: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ clockSetBy: fc.integer({ min: -DAY, max: DAY }) }),
);
const life: fc.Arbitrary<Life> = fc.record({
  lifetime: fc.oneof(fc.integer({ min: 20, max: 3600 }), fc.integer({ min: 3600, max: 60 * DAY })),
  skew: fc.integer({ min: -DAY, max: DAY }),
  latency: fc.integer({ min: 1, max: 5_000 }),
  seed: fc.nat(),
  stretches: fc.array(stretch, { maxLength: 25 }),
});

const holds = async (one: Life, days: number) => {
  const report = await live(one, days);
  const forward = one.stretches.filter((each) => 'clockSetBy' in each && each.clockSetBy > 0).length;
  const renewIn = Math.ceil(one.lifetime - Math.min(300, one.lifetime / 2));
  expect(report.lies).toEqual([]);
  expect(report.lapses).toEqual([]);
  expect(report.storms).toEqual([]);
  // The first answer and its like after each clock that was set; else never before it was due.
  expect(report.renewals).toBeLessThanOrEqual(Math.ceil((days * DAY) / renewIn) + forward + 2);
};

describe('a page', () => {
  it('keeps its guest through any day', { timeout: 60_000 * LIVES }, async () => {
    await fc.assert(
      fc.asyncProperty(life, (one) => holds(one, 1)),
      { numRuns: 150 * LIVES },
    );
  });

  it('keeps its guest through any month', { timeout: 60_000 * LIVES }, async () => {
    await fc.assert(
      fc.asyncProperty(life, (one) => holds(one, 30)),
      { numRuns: 6 * LIVES },
    );
  });

  it('announces each expiry that it slept through, once', async () => {
    const stretches = Array.from({ length: 5 }, () => [
      { asleep: 40_000, monotonicStops: true, told: false },
      { awake: 600 },
    ]).flat();
    const report = await live({ lifetime: 3600, skew: 0, latency: 50, seed: 1, stretches }, 3);
    expect(report.expiries).toBe(5);
  });
});
