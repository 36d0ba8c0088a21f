// The shared window: never too many calls in any window by Redis' clock, a pause for all, and its own count without Redis.
import { createClient } from '@redis/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreUnavailable } from '../store/ports.ts';
import { describeWithRedis, startTestRedis } from '../testing/redis.ts';
import type { Priority } from '../upstream/ports.ts';
import type { RedisBase } from './base.ts';
import { Commands } from './commands.ts';
import { Names } from './keys.ts';
import { RedisSlidingWindow } from './sliding-window.ts';

const names = new Names('test', ['a secret of the site, long enough']);
const now = () => performance.now();

const takeAll = async (window: RedisSlidingWindow, priority: Priority): Promise<number> => {
  let taken = 0;
  while ((await window.take(priority)) === 0) taken += 1;
  return taken;
};

describeWithRedis('with Redis', () => {
  const start = async (perMinute: number, count: number, window?: number, instances?: number) => {
    const redis = await startTestRedis();
    const clients = Array.from({ length: count }, () => createClient({ url: redis.url }));
    const opened = clients.map((client) => {
      const commands = new Commands({
        open: async () => client as never,
        names,
        log: () => {},
        now,
        onUsable: () => shared.catchUp(),
      });
      const shared = new RedisSlidingWindow(
        { commands, names, now },
        '{x}',
        { perMinute, instances },
        window ?? 60_000,
      );
      onTestFinished(() => commands.close());
      return { shared, commands };
    });
    // The first commands wait for a first probe.
    await Promise.all(opened.map(({ commands }) => commands.read(['a key'])));
    const windows = opened.map(({ shared }) => shared);
    /** What was told to Redis before is there. */
    const told = () => Promise.all(clients.map((client) => client.ping()));
    return {
      redis,
      told,
      one: windows[0] as RedisSlidingWindow,
      two: windows[1] as RedisSlidingWindow,
      windows,
    };
  };

  it('lets out no more than the limit in any window, all of it at once, and the next as soon as it may', async () => {
    const [perMinute, window] = [20, 400];
    const { windows } = await start(perMinute, 3, window);
    const left: number[] = [];
    const end = performance.now() + 4 * window;
    await Promise.all(
      windows.map(async (shared) => {
        while (performance.now() < end) {
          const askedAt = performance.now();
          const wait = await shared.take('known');
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
    const { one, two } = await start(10, 2);
    for (let i = 0; i < 8; i += 1) expect(await (i % 2 ? one : two).take('newcomer')).toBe(0);
    expect(await one.take('newcomer')).toBeGreaterThan(50_000);
    expect(one.forecast(1, 'newcomer')).toBeGreaterThan(50_000);
    expect(one.forecast(2, 'known')).toBe(0);
    expect(await two.take('known')).toBe(0);
    expect(await one.take('known')).toBe(0);
    expect(await two.take('known')).toBeGreaterThan(50_000);
    expect(two.left).toBe(0);
  });

  it('grants, where it goes, each instance its part of what was left, however unlike they were', async () => {
    const { redis, one, two } = await start(60, 2, undefined, 2);
    for (let i = 0; i < 45; i += 1) expect(await one.take('known')).toBe(0);
    for (let i = 0; i < 5; i += 1) expect(await two.take('known')).toBe(0);
    await redis.kill();
    expect([await takeAll(one, 'known'), await takeAll(two, 'known')]).toEqual([0, 5]);
    expect([one.left, two.left]).toEqual([0, 0]);
  });

  it('pauses all', async () => {
    const { one, two, told } = await start(10, 2);
    one.pause(30_000);
    await told();
    expect(await one.take('known')).toBeGreaterThan(29_000);
    expect(await two.take('known')).toBeGreaterThan(29_000);
    expect(two.forecast(1, 'known')).toBeGreaterThan(29_000);
  });

  it('heeds what the platform counted', async () => {
    const { one, two, told } = await start(10, 2);
    expect(await one.take('known')).toBe(0);
    one.learn(300, 1, 20_000);
    await told();
    expect(await two.take('known')).toBe(0);
    const wait = await two.take('known');
    expect(wait).toBeGreaterThan(18_000);
    expect(wait).toBeLessThanOrEqual(20_000);
  });

  it.each([
    [300, 60, 48],
    [10_000, 300, 240],
  ])(
    'takes shares of the smaller: with %d set and %d allowed newcomers get %d',
    async (perMinute, allowed, share) => {
      const { one, two, told } = await start(perMinute, 2);
      expect(await one.take('newcomer')).toBe(0);
      one.learn(allowed, allowed - 1, 50_000);
      await told();
      expect(1 + (await takeAll(two, 'newcomer'))).toBe(share);
      expect(two.forecast(1, 'newcomer')).toBeGreaterThan(40_000);
      expect(await takeAll(two, 'known')).toBe(allowed - share);
      expect(one.left === 0 || (await one.take('known')) > 0).toBe(true);
    },
  );

  it('gives back what did not leave', async () => {
    const { one, two } = await start(1, 2);
    expect(await one.take('known')).toBe(0);
    one.giveBack();
    expect(await one.take('known')).toBe(0);
    expect(await two.take('known')).toBeGreaterThan(0);
  });

  it('tells a Redis that lost its memory of the calls that count', async () => {
    const { redis, one, two } = await start(10, 2);
    for (let i = 0; i < 6; i += 1) expect(await one.take('known')).toBe(0);
    await redis.command('FLUSHALL');
    one.catchUp();
    one.catchUp();
    expect(await one.take('known')).toBe(0);
    expect(await takeAll(two, 'known')).toBe(3);
  });

  it.each([
    ['a pause of a year', ['SET', 'test:pause:{x}', '1', 'PX', '31536000000'], 300_000],
    ['a pause for ever', ['SET', 'test:pause:{x}', '1'], 300_000],
    ['a call in the next century', ['ZADD', 'test:calls:{x}', '9999999999999', 'call'], 0],
    ['an endless count of the platform', ['SET', 'test:platform:{x}', '0 10', 'PX', '31536000000'], 60_000],
    ['a count that is none', ['SET', 'test:platform:{x}', 'no number', 'PX', '60000'], 0],
    ['a number too large', ['SET', 'test:platform:{x}', '9999999999999999999999999 5', 'PX', '60000'], 0],
    ['no call allowed', ['SET', 'test:platform:{x}', '5 0'], 0],
    ['something else', ['LPUSH', 'test:calls:{x}', 'a'], 0],
    ['something else', ['LPUSH', 'test:pause:{x}', 'a'], 300_000],
  ])('believes a stranger no more than so much: %s', async (_name, command, wait, life = 300_000) => {
    const { redis, one, two } = await start(1, 2);
    await redis.command(...command);
    expect(await one.take('known')).toBeLessThanOrEqual(wait);
    const left = Number(await redis.command('PTTL', command[1] as string));
    expect(left).toBeLessThanOrEqual(life);
    expect(await two.take('known')).toBeLessThanOrEqual(Math.max(wait, 60_000));
  });
});

describe('without Redis', () => {
  const unavailable = async () => {
    throw new StoreUnavailable('gone');
  };
  const gone: RedisBase['commands'] = { run: unavailable, read: unavailable, state: 'unavailable' };
  const start = (perMinute: number, instances?: number) => {
    const clock = { now: 1_000_000 };
    const window = new RedisSlidingWindow({ commands: gone, names, now: () => clock.now }, '{x}', {
      perMinute,
      instances,
    });
    return { clock, window };
  };

  it.each([
    [30, undefined, 30],
    [30, 3, 10],
    [2, 4, 1],
  ])('%d calls a minute are, for one of %s instances, %d', async (perMinute, instances, share) => {
    const { window, clock } = start(perMinute, instances);
    expect(await takeAll(window, 'known')).toBe(share);
    expect(window.forecast(1, 'known')).toBeGreaterThan(59_000);
    expect(window.left).toBe(0);
    clock.now += 61_000;
    expect(await window.take('known')).toBe(0);
  });

  it("heeds the platform's count, which counts all instances", async () => {
    const { window } = start(30);
    window.learn(30, 2, 40_000);
    expect(await takeAll(window, 'known')).toBe(2);
    expect(await window.take('known')).toBe(40_000);
  });

  it('keeps the pause that it was told', async () => {
    const { window, clock } = start(30);
    window.pause(5_000);
    expect(await window.take('known')).toBe(5_000);
    clock.now += 5_000;
    expect(await window.take('known')).toBe(0);
  });

  it('sends one probe after the longest pause, and the others wait for what it finds', async () => {
    const { window, clock } = start(30);
    window.pause(86_400_000);
    expect(await window.take('known')).toBe(300_000);
    clock.now += 300_000;
    expect(await window.take('known')).toBe(0);
    expect(await window.take('known')).toBe(5_000);
  });
});
