// The shared window: never too many calls in any window by Redis' clock, a pause for all, and a fair share without Redis.
import { describe, expect, it } from 'vitest';
import { describeWithRedis, startRedis } from '../testing/redis.ts';
import { createLink, type Link, StoreUnavailable } from './commands.ts';
import { createNames } from './keys.ts';
import { createRedisSlidingWindow } from './sliding-window.ts';

const names = createNames('test', ['a secret of the site, long enough']);

describeWithRedis('with Redis', () => {
  const start = async (perMinute: number, count: number, window: number) => {
    const connect = await startRedis();
    return Promise.all(
      Array.from({ length: count }, async () => {
        const client = await connect();
        const link = createLink({
          client: () => client,
          probeKey: names.key('probe'),
          log: () => {},
          random: Math.random,
          onUsable: () => {},
          onSilent: () => {},
        });
        link.connected();
        const now = () => performance.now();
        return createRedisSlidingWindow(perMinute, {
          link,
          names,
          name: 'x',
          instances: () => count,
          now,
          window,
        });
      }),
    );
  };

  it('lets out no more than the limit in any window, all of it at once, and the next as soon as it may', async () => {
    const [perMinute, window] = [20, 400];
    const windows = await start(perMinute, 3, window);
    const left: number[] = [];
    const end = performance.now() + 4 * window;
    await Promise.all(
      windows.map(async (shared) => {
        while (performance.now() < end) {
          const askedAt = performance.now();
          const wait = await shared.take(true);
          // Between these two Redis let it go: the later is taken for the first of a window, the earlier for its last.
          if (wait === 0) left.push(askedAt);
          else await new Promise((resolve) => setTimeout(resolve, wait));
        }
      }),
    );
    left.sort((a, b) => a - b);
    expect(left.length).toBeGreaterThanOrEqual(2 * perMinute);
    // Calls `perMinute` apart left at least a window apart, but for the time that asking took.
    for (let i = perMinute; i < left.length; i += 1) {
      expect((left[i] as number) - (left[i - perMinute] as number)).toBeGreaterThan(window / 2);
    }
  });

  it('keeps a share from newcomers, and says how long they wait', async () => {
    const [one, two] = await start(10, 2, 60_000);
    for (let i = 0; i < 8; i += 1) expect(await (i % 2 ? one : two)?.take(false)).toBe(0);
    expect(await one?.take(false)).toBeGreaterThan(50_000);
    expect(one?.forecast(1, false)).toBeGreaterThan(50_000);
    expect(one?.forecast(2, true)).toBe(0);
    expect(await two?.take(true)).toBe(0);
    expect(await one?.take(true)).toBe(0);
    expect(await two?.take(true)).toBeGreaterThan(50_000);
    expect(two?.left).toBe(0);
  });

  it('pauses all, and lets one probe go where the pause was longer than is believed', async () => {
    const [one, two] = await start(10, 2, 60_000);
    one?.pause(30_000);
    expect(await one?.take(true)).toBeGreaterThan(29_000);
    expect(await two?.take(true)).toBeGreaterThan(29_000);
    expect(two?.forecast(1, true)).toBeGreaterThan(29_000);
  });

  it('heeds what the platform counted', async () => {
    const [one, two] = await start(10, 2, 60_000);
    expect(await one?.take(true)).toBe(0);
    one?.learn(300, 1, 20_000);
    expect(await two?.take(true)).toBe(0);
    const wait = await two?.take(true);
    expect(wait).toBeGreaterThan(18_000);
    expect(wait).toBeLessThanOrEqual(20_000);
  });

  it('gives back what did not leave', async () => {
    const [one, two] = await start(1, 2, 60_000);
    expect(await one?.take(true)).toBe(0);
    one?.giveBack();
    expect(await one?.take(true)).toBe(0);
    expect(await two?.take(true)).toBeGreaterThan(0);
  });
});

describe('without Redis', () => {
  const gone: Link = {
    run: async () => {
      throw new StoreUnavailable('gone');
    },
    state: 'unavailable',
    connected: () => {},
    lost: () => {},
    close: () => {},
  };
  const start = (perMinute: number, instances: number) => {
    const clock = { now: 1_000_000 };
    const window = createRedisSlidingWindow(perMinute, {
      link: gone,
      names,
      name: 'x',
      instances: () => instances,
      now: () => clock.now,
      window: 60_000,
    });
    return { clock, window };
  };

  it.each([
    [30, 3, 10],
    [30, 1, 30],
    [2, 4, 1],
  ])('%d calls a minute are, for one of %d instances, %d', async (perMinute, instances, share) => {
    const { window, clock } = start(perMinute, instances);
    for (let i = 0; i < share; i += 1) {
      expect(await window.take(true)).toBe(0);
      clock.now += 1_000;
    }
    expect(await window.take(true)).toBe(60_000 - share * 1_000);
    expect(window.forecast(1, true)).toBe(60_000 - share * 1_000);
    clock.now += 60_000 - share * 1_000;
    expect(await window.take(true)).toBe(0);
  });

  it('keeps the pause that it was told', async () => {
    const { window, clock } = start(30, 3);
    window.pause(5_000);
    expect(await window.take(true)).toBe(5_000);
    clock.now += 5_000;
    expect(await window.take(true)).toBe(0);
  });

  it('sends one probe after the longest pause, and the others wait for what it finds', async () => {
    const { window, clock } = start(30, 1);
    window.pause(86_400_000);
    expect(await window.take(true)).toBe(300_000);
    clock.now += 300_000;
    expect(await window.take(true)).toBe(0);
    expect(await window.take(true)).toBe(5_000);
  });
});
