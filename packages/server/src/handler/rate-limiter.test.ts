// Counts are kept for their window, all or none, here and across instances.
import { expect, it, vi } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

const count = (name: string, limit = 2, window = 60_000) => ({ name, limit, window });

it('lets each name have so many in its window, from the first', () => {
  const clock = { now: 0 };
  const limiter = createRateLimiter(undefined, () => clock.now);
  const ask = () => limiter.consume([count('one')]);
  expect([ask(), ask()]).toEqual([{ count: 1 }, { count: 2 }]);
  clock.now = 20_000;
  expect(ask()).toEqual({ retryAfter: 40 });
  expect(limiter.consume([count('two')])).toEqual({ count: 1 });
  clock.now = 60_000;
  expect(ask()).toEqual({ count: 1 });
});

it('counts all or none', () => {
  const limiter = createRateLimiter(undefined, () => 0);
  limiter.consume([count('full', 1)]);
  for (let i = 0; i < 5; i += 1) limiter.consume([count('own'), count('full', 1)]);
  expect(limiter.consume([count('own')])).toEqual({ count: 1 });
});

it('keeps a bounded number of counts', () => {
  const limiter = createRateLimiter(undefined, () => 0, 50);
  limiter.consume([count('first')]);
  for (let i = 0; i < 50; i += 1) limiter.consume([count(`another ${i}`)]);
  expect(limiter.consume([count('first')])).toEqual({ count: 1 });
});

it('asks the others, and goes on alone where they cannot be asked', async () => {
  const consume = vi.fn().mockResolvedValueOnce(7).mockRejectedValue(new Error('gone'));
  const limiter = createRateLimiter({ consume }, () => 0);
  const ask = () => limiter.consume([count('one')]);
  expect([await ask(), await ask()]).toEqual([{ retryAfter: 7 }, { count: 2 }]);
  // Over the limit here already: nobody is asked.
  expect(await ask()).toEqual({ retryAfter: 60 });
  expect(consume).toHaveBeenCalledTimes(2);
});
