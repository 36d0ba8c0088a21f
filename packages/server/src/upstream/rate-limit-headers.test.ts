// The platform's own count of our calls, though answers overtake each other, and how long it wants to be left alone.
import { expect, it, vi } from 'vitest';
import { createPlatformCount, retryAfterOf } from './rate-limit-headers.ts';

const headers = (count: unknown, allowed: unknown = 300, reset: unknown = 20) => ({
  'inin-ratelimit-count': String(count),
  'inin-ratelimit-allowed': String(allowed),
  'inin-ratelimit-reset': String(reset),
});

const build = () => {
  const learn = vi.fn();
  return { learn, leave: createPlatformCount({ learn }) };
};

it('tells how many are left, and until when', () => {
  const { learn, leave } = build();
  leave()(headers(10));
  expect(learn.mock.calls).toEqual([[300, 290, 20_000]]);
});

it('waits for no more than the minute by which the platform counts', () => {
  const { learn, leave } = build();
  leave()(headers(300, 300, 1_790_000_000));
  expect(learn.mock.calls).toEqual([[300, 0, 60_000]]);
});

it('takes off what has left since', () => {
  const { learn, leave } = build();
  const first = leave();
  leave();
  leave();
  first(headers(10));
  expect(learn).toHaveBeenLastCalledWith(300, 288, 20_000);
});

it('hears nothing new from a count that was overtaken', () => {
  const { learn, leave } = build();
  const [first, second] = [leave(), leave()];
  second(headers(11));
  first(headers(10));
  expect(learn.mock.calls).toEqual([[300, 289, 20_000]]);
});

it('never has less than nothing left', () => {
  const { learn, leave } = build();
  leave()(headers(301, 300, -5));
  expect(learn).toHaveBeenLastCalledWith(300, 0, 0);
});

it.each([
  ['no count', {}],
  ['a count that is none', headers('many')],
  ['a limit that is none', headers(1, 'all')],
  ['an end that is none', headers(1, 300, 'soon')],
])('hears nothing from %s, which does not make the next one old', (_name, answer) => {
  const { learn, leave } = build();
  const [first, second] = [leave(), leave()];
  second(answer);
  expect(learn).not.toHaveBeenCalled();
  first(headers(1));
  expect(learn).toHaveBeenCalledOnce();
});

it.each([
  [{}, undefined],
  [{ 'retry-after': '7' }, 7],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:01:40 GMT' }, 90],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:01:40 GMT', date: 'Thu, 01 Jan 1970 00:01:00 GMT' }, 40],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:01:40 GMT', date: 'noon' }, 90],
])('%j asks for %s s', (answer, seconds) => {
  expect(retryAfterOf(answer, 10_000)).toBe(seconds);
});
