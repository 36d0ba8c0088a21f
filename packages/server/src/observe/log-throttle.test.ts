// A storm of the same failure is one line in a while, and no other line is lost in it.
import { expect, it } from 'vitest';
import { createLogThrottle, type LogFields } from './log.ts';

const rig = () => {
  const clock = { now: 0 };
  const lines: [string, string, LogFields | undefined][] = [];
  const log = createLogThrottle(
    (...line) => lines.push(line as (typeof lines)[number]),
    () => clock.now,
  );
  return { clock, lines, log, levels: () => lines.map(([level]) => level) };
};

it('says a line once in a minute, its likes at debug, and other lines as they are', () => {
  const { clock, lines, log, levels } = rig();
  for (const message of ['wrong secret', 'wrong secret', 'no permission']) log('error', message);
  clock.now = 59_999;
  log('error', 'wrong secret');
  clock.now = 60_000;
  log('error', 'wrong secret', { code: 'x' });
  expect(levels()).toEqual(['error', 'debug', 'error', 'debug', 'error']);
  expect(lines.at(-1)).toEqual(['error', 'wrong secret', { code: 'x', repeated: 2 }]);
});

it('takes a line for the same whatever time it names, and for another with another status', () => {
  const { log, levels } = rig();
  for (const message of ['No answer within 4799 ms', 'No answer within 12.5 s', 'HTTP 503', 'HTTP 403']) {
    log('warn', message);
  }
  expect(levels()).toEqual(['warn', 'debug', 'warn', 'warn']);
});

it('remembers a bounded number of lines', () => {
  const { log, levels } = rig();
  log('warn', 'first');
  for (let i = 0; i < 1_000; i += 1) log('warn', `line ${i}`);
  log('warn', 'first');
  expect(levels().at(-1)).toBe('warn');
});
