// What leaves is counted for one OAuth client as a whole, and corrected by what the platform says.
import { describe, expect, it } from 'vitest';
import { callLogOf, WINDOW } from './call-log.ts';
import type { Priority } from './ports.ts';
import { createPlatformCount } from './rate-limit-headers.ts';
import { createSlidingWindow } from './sliding-window.ts';

const build = (perMinute = 10) => {
  const clock = { at: 0 };
  return { clock, now: () => clock.at, window: createSlidingWindow(perMinute, () => clock.at) };
};

const takeAll = async (take: () => number | Promise<number>): Promise<number> => {
  let taken = 0;
  while ((await take()) === 0) taken += 1;
  return taken;
};

describe('a window', () => {
  it('counts the calls of all who use the same client in this process', async () => {
    const clock = { at: 0 };
    const logs = ['client', 'client', 'another client'].map((client) => callLogOf('https://login/', client));
    const [one, two, three] = logs.map((log) => createSlidingWindow(10, () => clock.at, log));
    await one?.take('known');
    two?.pause(5_000);
    expect(one?.left).toBe(0);
    expect(three?.left).toBe(10);
    clock.at = 5_000;
    expect(two?.left).toBe(9);
  });

  it('gives back what did not leave', async () => {
    const { window } = build();
    window.learn(300, 5, 30_000);
    await window.take('known');
    window.giveBack();
    expect(window.left).toBe(5);
    expect(await takeAll(() => window.take('known'))).toBe(5);
  });

  it("keeps the share of known guests also of the platform's count", async () => {
    const { window } = build(10);
    window.learn(300, 4, 30_000);
    expect(await takeAll(() => window.take('newcomer'))).toBe(2);
    expect(await takeAll(() => window.take('known'))).toBe(2);
  });

  it.each([
    [300, 60],
    [10_000, 300],
  ])('takes every share of the smaller: %i set, %i allowed by the platform', async (perMinute, allowed) => {
    const { window, clock } = build(perMinute);
    await window.take('newcomer');
    window.learn(allowed, allowed - 1, 60_000);
    expect(window.left).toBe(allowed - 1);
    const newcomers = allowed * 0.8;
    expect(await takeAll(() => window.take('newcomer'))).toBe(newcomers - 1);
    expect(await takeAll(() => window.take('known'))).toBe(allowed - newcomers);
    expect(window.forecast(1, 'known')).toBe(WINDOW);
    clock.at = WINDOW;
    expect(await takeAll(() => window.take('newcomer'))).toBe(newcomers);
    expect(window.forecast(allowed, 'known')).toBe(WINDOW);
  });

  it('keeps to what is set where the platform allows more, and believes no limit of 0', async () => {
    const { window } = build(10);
    window.learn(300, 299, 60_000);
    expect(window.left).toBe(10);
    window.learn(0, 5, 60_000);
    expect(await takeAll(() => window.take('known'))).toBe(1);
  });

  it('still probes after a day-long pause that a shorter one has met', async () => {
    const { window, clock } = build();
    window.pause(86_400_000);
    window.pause(1_000);
    clock.at = 300_000;
    expect(await takeAll(() => window.take('known'))).toBe(1);
  });

  it('stays exact and small over many windows', async () => {
    const { window, clock } = build(2_000);
    for (let round = 0; round < 5; round += 1) {
      expect(await takeAll(() => window.take('known'))).toBe(2_000);
      clock.at += WINDOW;
    }
    expect(window.left).toBe(2_000);
  });
});

describe("the platform's count", () => {
  const headers = (count: number, reset = 30) => ({
    'inin-ratelimit-count': String(count),
    'inin-ratelimit-allowed': '300',
    'inin-ratelimit-reset': String(reset),
  });
  const learned = () => {
    const lefts: number[] = [];
    return { lefts, count: createPlatformCount({ learn: (_allowed, left) => void lefts.push(left) }) };
  };

  it('takes off what has left since the call that was counted', () => {
    const { lefts, count } = learned();
    const [first] = [count(), count(), count()];
    first?.(headers(250));
    expect(lefts).toEqual([48]);
  });

  it('is not misled by answers that overtake each other', () => {
    const { lefts, count } = learned();
    const [first, second] = [count(), count()];
    second?.(headers(299, 60));
    first?.(headers(1, 60));
    expect(lefts).toEqual([1]);
  });

  it.each([
    ['none', {}],
    ['half', { 'inin-ratelimit-count': '3' }],
    ['nonsense', { ...headers(3), 'inin-ratelimit-allowed': 'many' }],
  ])('reads nothing from %s', (_name, given) => {
    const { lefts, count } = learned();
    count()(given);
    expect(lefts).toEqual([]);
  });
});

it('leaves newcomers of frequent addresses less than the others, so that who has had least is served', () => {
  const window = createSlidingWindow(300, () => 0);
  const takeAll = (priority: Priority): number => {
    let taken = 0;
    while (window.take(priority) === 0) taken += 1;
    return taken;
  };
  expect([takeAll('frequent'), takeAll('newcomer'), takeAll('known')]).toEqual([120, 120, 60]);
});
