// Counts are kept for their window, all or none, here and across instances.
import { expect, it, vi } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

const count = (name: string, limit = 2, window = 60_000) => ({ name, limit, window });

it('lets each name have so many in its window, from the first', () => {
  const clock = { now: 0 };
  const consume = createRateLimiter(undefined, () => clock.now);
  const ask = () => consume([count('one')]);
  expect([ask(), ask()]).toEqual([{ count: 1 }, { count: 2 }]);
  clock.now = 20_000;
  expect(ask()).toEqual({ retryAfter: 40 });
  expect(consume([count('two')])).toEqual({ count: 1 });
  clock.now = 60_000;
  expect(ask()).toEqual({ count: 1 });
});

it('counts all or none', () => {
  const consume = createRateLimiter(undefined, () => 0);
  consume([count('full', 1)]);
  for (let i = 0; i < 5; i += 1) consume([count('own'), count('full', 1)]);
  expect(consume([count('own')])).toEqual({ count: 1 });
});

it('says when the last of those that are full has room', () => {
  const clock = { now: 0 };
  const consume = createRateLimiter(undefined, () => clock.now);
  consume([count('short', 1, 10_000), count('long', 1, 30_000)]);
  clock.now = 500.4;
  expect(consume([count('short', 1), count('long', 1), count('free')])).toEqual({ retryAfter: 30 });
  clock.now = 9_999.9;
  expect(consume([count('short', 1)])).toEqual({ retryAfter: 1 });
});

it('answers how many there are of the first, and none where nothing is counted', () => {
  const consume = createRateLimiter(undefined, () => 0);
  consume([count('second', 9)]);
  expect(consume([count('first'), count('second', 9)])).toEqual({ count: 1 });
  expect(consume([])).toEqual({ count: 0 });
});

it('waits for the longest of what the others say, and for nobody who has room', async () => {
  const waits: Record<string, number | undefined> = { one: 7, two: undefined, three: 9 };
  const consume = createRateLimiter({ consume: async ({ name }) => waits[name] }, () => 0);
  expect(await consume(['one', 'two', 'three'].map((name) => count(name)))).toEqual({
    retryAfter: 9,
  });
  expect(await consume([count('two')])).toEqual({ count: 2 });
});

it('keeps a bounded number of counts', () => {
  const consume = createRateLimiter(undefined, () => 0, 50);
  consume([count('first')]);
  for (let i = 0; i < 50; i += 1) consume([count(`another ${i}`)]);
  expect(consume([count('first')])).toEqual({ count: 1 });
});

it('asks the others, and goes on alone where they cannot be asked', async () => {
  const shared = vi.fn().mockResolvedValueOnce(7).mockRejectedValue(new Error('gone'));
  const consume = createRateLimiter({ consume: shared }, () => 0);
  const ask = () => consume([count('one')]);
  expect([await ask(), await ask()]).toEqual([{ retryAfter: 7 }, { count: 2 }]);
  // Over the limit here already: nobody is asked.
  expect(await ask()).toEqual({ retryAfter: 60 });
  expect(shared).toHaveBeenCalledTimes(2);
});
