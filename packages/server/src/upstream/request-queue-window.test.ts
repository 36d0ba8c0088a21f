// Calls leave as fast as the limit lets them and never faster.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WINDOW } from './call-log.ts';
import { build, send } from './testing/queue.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the queue on its window', () => {
  it('lets a whole minute leave at once, and the rest a minute later', async () => {
    const { queue } = build({ perMinute: 10 });
    const left: number[] = [];
    for (let i = 0; i < 15; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(WINDOW * 2);
    expect(left.filter((at) => at === 0)).toHaveLength(10);
    expect(left.filter((at) => at >= WINDOW && at < WINDOW + 100)).toHaveLength(5);
  });

  it('never lets more than its number leave in any 60 s, whenever they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20_000), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        async (gaps, perMinute) => {
          const { queue } = build({ perMinute });
          const left: number[] = [];
          for (const gap of gaps) {
            void send(queue, left);
            await vi.advanceTimersByTimeAsync(gap);
          }
          await vi.advanceTimersByTimeAsync(WINDOW * gaps.length);
          expect(left).toHaveLength(gaps.length);
          for (let i = perMinute; i < left.length; i += 1) {
            expect((left[i] as number) - (left[i - perMinute] as number)).toBeGreaterThan(60_000);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lets nothing leave during a pause, and everything after it', async () => {
    const { queue, window } = build();
    const left: number[] = [];
    window.pause(42_000);
    for (let i = 0; i < 3; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(41_999);
    expect(left).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(left).toHaveLength(3);
  });

  it('believes a pause of a day for 300 s, then sends one probe', async () => {
    const { queue, window } = build();
    const left: number[] = [];
    window.pause(86_400_000);
    for (let i = 0; i < 3; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(300_100);
    expect(left).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(left).toHaveLength(3);
  });

  it('does not shorten a pause by a shorter one', async () => {
    const { queue, window } = build();
    const left: number[] = [];
    window.pause(30_000);
    window.pause(1_000);
    void send(queue, left);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(left).toEqual([]);
  });

  it("goes by the platform's own count where that is lower", async () => {
    const { queue, window } = build({ perMinute: 10 });
    const left: number[] = [];
    window.learn(300, 2, 20_000);
    for (let i = 0; i < 5; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(left).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(left).toHaveLength(5);
  });
});
