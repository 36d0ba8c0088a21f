// Who waits is served in a fair order or refused at once.
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { WINDOW } from './call-log.ts';
import type { SlidingWindow } from './ports.ts';
import { RequestQueue } from './request-queue.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { build, never, now, send } from './testing/queue.ts';
import { unavailable } from './upstream-error.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the queue', () => {
  it('leaves nothing on the signal of a call that may leave', async () => {
    const { queue } = build();
    const { signal } = new AbortController();
    (await queue.enter({ deadline: never, priority: 'known' as const, signal }))();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('keeps a share from newcomers for those who have a guest', async () => {
    const { queue } = build({ perMinute: 10 });
    const left: string[] = [];
    for (let i = 0; i < 20; i += 1) void send(queue, left, { priority: 'newcomer' as const }, 'new');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(left).toHaveLength(8);
    void send(queue, left, { priority: 'known' as const }, 'known');
    await vi.advanceTimersByTimeAsync(1);
    expect(left.at(-1)).toBe('known');
  });

  it('serves known guests first, the earliest expiry before the others, then newcomers as they came', async () => {
    const { queue, window } = build();
    const left: string[] = [];
    window.pause(1_000);
    void send(queue, left, { priority: 'newcomer' as const }, 'new 1');
    void send(queue, left, { priority: 'known' as const }, 'known');
    void send(queue, left, { priority: 'newcomer' as const }, 'new 2');
    void send(queue, left, { priority: 'known' as const, expiresAt: 9_000 }, 'late');
    void send(queue, left, { priority: 'known' as const, expiresAt: 5_000 }, 'early');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(left).toEqual(['early', 'late', 'known', 'new 1', 'new 2']);
  });

  it('refuses at once what would wait past its deadline, with the seconds to wait', async () => {
    const { queue } = build({ perMinute: 2 });
    const left: number[] = [];
    for (let i = 0; i < 2; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(0);
    const refused = queue.enter({ deadline: now() + 15_000, priority: 'known' as const });
    await expect(refused).rejects.toMatchObject({ code: 'upstream_limited', retryAfter: WINDOW / 1_000 });
  });

  it('refuses it at once also while as many as may be are under way', async () => {
    const { queue } = build({ perMinute: 2, concurrency: 2 });
    for (let i = 0; i < 2; i += 1) void queue.enter({ deadline: never, priority: 'known' as const });
    const refused = queue.enter({ deadline: now() + 15_000, priority: 'known' as const });
    await expect(refused).rejects.toMatchObject({ code: 'upstream_limited' });
  });

  it('lets in exactly as many as can leave in time, also those who come one after the other', async () => {
    const { queue } = build({ perMinute: 10 });
    const left: (string | number)[] = [];
    for (let i = 0; i < 15; i += 1) {
      void send(queue, left, { deadline: now() + 15_000 });
      if (i % 4 === 0) await Promise.resolve();
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(left.filter((at) => at === 0)).toHaveLength(10);
    expect(left.filter((why) => why === 'limited')).toHaveLength(5);
  });

  it('refuses what is over its length', async () => {
    const { queue } = build({ perMinute: 1, maxQueue: 2 });
    const left: (string | number)[] = [];
    for (let i = 0; i < 4; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(1);
    expect(left).toContain('limited');
    expect(queue.waiting).toBe(2);
  });

  it('does not let a full line of newcomers keep out a known guest', async () => {
    const { queue, window } = build({ perMinute: 10, maxQueue: 2 });
    const left: string[] = [];
    window.pause(1_000);
    for (let i = 0; i < 3; i += 1) {
      void send(queue, left, { priority: 'newcomer' as const }, `new ${i} `);
      await vi.advanceTimersByTimeAsync(1);
    }
    void send(queue, left, { priority: 'known' as const }, 'known');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(left).toEqual(['new 2 limited', 'new 1 limited', 'known', 'new 0 ']);
  });

  it('tells who waited in vain to come back no sooner than in a second', async () => {
    const { queue } = build({ concurrency: 1 });
    void queue.enter({ deadline: never, priority: 'known' as const });
    const late = queue.enter({ deadline: now() + 500, priority: 'known' as const });
    const refused = expect(late).rejects.toMatchObject({ code: 'upstream_limited', retryAfter: 1 });
    await vi.advanceTimersByTimeAsync(600);
    await refused;
  });

  it('refuses at once those for whom a pause that has begun makes the wait too long', async () => {
    const { queue, window } = build({ concurrency: 1 });
    const left: (string | number)[] = [];
    const leave = await queue.enter({ deadline: never, priority: 'known' as const });
    void send(queue, left, { deadline: now() + 15_000 }, 'short ');
    void send(queue, left, { deadline: now() + 60_000 }, 'long ');
    window.pause(42_000);
    leave();
    await vi.advanceTimersByTimeAsync(0);
    expect(left).toEqual(['short limited']);
    await vi.advanceTimersByTimeAsync(43_000);
    expect(left).toEqual(['short limited', 'long ']);
  });

  it('refuses all who wait, without a call counted for them', async () => {
    const { queue, window } = build({ perMinute: 10 });
    window.pause(1_000);
    const refused = Array.from({ length: 5 }, () =>
      expect(queue.enter({ deadline: never, priority: 'known' as const })).rejects.toThrow('down'),
    );
    await vi.advanceTimersByTimeAsync(1);
    queue.refuseAll(unavailable('down'));
    await Promise.all(refused);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(window.left).toBe(10);
  });

  it('forgets who hangs up', async () => {
    const { queue } = build({ perMinute: 1 });
    const left: (string | number)[] = [];
    const hangUp = new AbortController();
    void send(queue, left);
    void send(queue, left, { signal: hangUp.signal }, 'gone: ');
    void send(queue, left, {}, 'stays');
    await vi.advanceTimersByTimeAsync(1);
    hangUp.abort();
    await vi.advanceTimersByTimeAsync(WINDOW + 1_000);
    expect(left).toEqual([0, 'gone: The caller hung up', 'stays']);
  });

  it('lets only so many be under way at a time', async () => {
    const { queue } = build({ concurrency: 2 });
    const leaves: (() => void)[] = [];
    for (let i = 0; i < 5; i += 1) {
      void queue.enter({ deadline: never, priority: 'known' as const }).then((leave) => leaves.push(leave));
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(leaves).toHaveLength(2);
    leaves[0]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(leaves).toHaveLength(3);
  });

  it('refuses a waiting call once its deadline is over', async () => {
    const { queue } = build({ concurrency: 1 });
    const left: (string | number)[] = [];
    void queue.enter({ deadline: never, priority: 'known' as const });
    await vi.advanceTimersByTimeAsync(1);
    void send(queue, left, { deadline: now() + 1_000 });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(left).toEqual(['limited']);
  });

  it('refuses everyone when it closes, and leaves no timer', async () => {
    const { queue } = build({ perMinute: 1 });
    const left: (string | number)[] = [];
    for (let i = 0; i < 3; i += 1) void send(queue, left);
    await vi.advanceTimersByTimeAsync(1);
    queue.close();
    await vi.advanceTimersByTimeAsync(1);
    expect(left).toEqual([0, 'The guest tokens are closed', 'The guest tokens are closed']);
    expect(vi.getTimerCount()).toBe(0);
    await expect(queue.enter({ deadline: never, priority: 'known' as const })).rejects.toBeInstanceOf(
      GuestTokenError,
    );
  });

  it('does not let a waiting newcomer hold up a known guest', async () => {
    const { queue } = build({ perMinute: 5 });
    const left: string[] = [];
    for (let i = 0; i < 5; i += 1) void send(queue, left, { priority: 'newcomer' as const }, 'new');
    void send(queue, left, { priority: 'known' as const }, 'known');
    await vi.advanceTimersByTimeAsync(10);
    expect(left).toContain('known');
  });

  it('asks a slow shared window for whoever is first, not for one that hung up meanwhile', async () => {
    const own = createSlidingWindow(10, now);
    let given = 0;
    const slow: SlidingWindow = {
      ...own,
      left: 0,
      take: async (known) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return own.take(known);
      },
      giveBack: () => {
        given += 1;
        own.giveBack();
      },
    };
    const queue = new RequestQueue(slow, { concurrency: 10, maxQueue: 10 }, now);
    const left: (string | number)[] = [];
    const hangUp = new AbortController();
    void send(queue, left, { signal: hangUp.signal }, 'gone: ');
    void send(queue, left, {}, 'stays');
    await vi.advanceTimersByTimeAsync(20);
    hangUp.abort();
    await vi.advanceTimersByTimeAsync(500);
    expect(left).toEqual(['gone: The caller hung up', 'stays']);
    expect(given).toBe(1);
  });
});
