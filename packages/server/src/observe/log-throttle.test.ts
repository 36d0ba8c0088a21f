// A storm of the same failure is one line in a while, and no other line is lost in it.
import { expect, it } from 'vitest';
import { createCalm } from './log-throttle.ts';

it('says a line once in 10 s, its likes at debug, and other lines as they are', () => {
  let at = 0;
  const calm = createCalm(() => at);
  const heard = (message: string) => calm('error', message);
  expect([heard('wrong secret'), heard('wrong secret'), heard('no permission')]).toEqual([
    'error',
    'debug',
    'error',
  ]);
  at = 9_999;
  expect(heard('wrong secret')).toBe('debug');
  at = 10_000;
  expect(heard('wrong secret')).toBe('error');
});

it('remembers a bounded number of lines', () => {
  const calm = createCalm(() => 0);
  calm('warn', 'first');
  for (let i = 0; i < 1_000; i += 1) calm('warn', `line ${i}`);
  expect(calm('warn', 'first')).toBe('warn');
});
