// The timing rules hold for every lifetime, clock and header.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backoff,
  clampDelay,
  freshness,
  MAX_DELAY,
  renewalWindow,
  secondsLeft,
  secondsUntilRenewal,
} from './timing.ts';

const instant = fc.integer({ min: 0, max: 4e12 });
const lifetime = fc
  .tuple(instant, fc.integer({ min: 1, max: 60 * 86_400_000 }))
  .map(([issuedAt, length]) => ({ issuedAt, expiresAt: issuedAt + length }));
const margin = fc.integer({ min: 0, max: 86_400_000 });

describe('freshness', () => {
  it('is fresh when issued, whatever the margin', () => {
    fc.assert(
      fc.property(lifetime, margin, (token, renewBefore) => {
        expect(freshness(token, renewBefore, token.issuedAt)).toBe('fresh');
      }),
    );
  });

  it('is expired from the very instant of expiry and never before', () => {
    fc.assert(
      fc.property(lifetime, margin, instant, (token, renewBefore, now) => {
        expect(freshness(token, renewBefore, now) === 'expired').toBe(now >= token.expiresAt);
      }),
    );
  });

  it('only gets worse as time passes', () => {
    const order = ['fresh', 'ageing', 'expired'];
    fc.assert(
      fc.property(lifetime, margin, instant, instant, (token, renewBefore, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((now) =>
          order.indexOf(freshness(token, renewBefore, now)),
        );
        expect(early).toBeLessThanOrEqual(late as number);
      }),
    );
  });

  it('keeps the renewal window within half of the lifetime', () => {
    fc.assert(
      fc.property(lifetime, margin, (token, renewBefore) => {
        const window = renewalWindow(token, renewBefore);
        expect(window).toBeLessThanOrEqual((token.expiresAt - token.issuedAt) / 2);
        expect(window).toBeLessThanOrEqual(renewBefore);
      }),
    );
  });
});

describe('seconds for the page', () => {
  it('never promises more than there is', () => {
    fc.assert(
      fc.property(lifetime, instant, (token, now) => {
        const left = secondsLeft(token, now);
        expect(left === 0 || now + left * 1000 <= token.expiresAt).toBe(true);
      }),
    );
  });

  it('who asks when told to finds the window open', () => {
    fc.assert(
      fc.property(lifetime, margin, instant, (token, renewBefore, now) => {
        const asked = now + secondsUntilRenewal(token, renewBefore, now) * 1000;
        expect(freshness(token, renewBefore, asked)).not.toBe('fresh');
      }),
    );
  });
});

describe('backoff', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('never waits less than the floor nor longer than a timer can', () => {
    fc.assert(
      fc.property(fc.nat(10_000), random, fc.nat(1e10), (attempt, chance, floor) => {
        const wait = backoff(attempt, { base: 250, cap: 30_000 }, chance, floor);
        expect(wait).toBeGreaterThanOrEqual(Math.min(floor, MAX_DELAY));
        expect(wait).toBeLessThanOrEqual(Math.min(floor + 30_000, MAX_DELAY));
      }),
    );
  });

  it('doubles its range with each try up to the cap', () => {
    const longest = [1, 2, 3, 4, 5].map((attempt) => backoff(attempt, { base: 100, cap: 800 }, 1));
    expect(longest).toEqual([100, 200, 400, 800, 800]);
  });

  it('clamps what no timer can keep', () => {
    expect([-1, 0, 5, 1e12, Number.NaN, Number.POSITIVE_INFINITY].map(clampDelay)).toEqual([
      0,
      0,
      5,
      MAX_DELAY,
      MAX_DELAY,
      MAX_DELAY,
    ]);
  });
});
