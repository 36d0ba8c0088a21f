// Every form of Retry-After that RFC 9110 allows is read, and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 10, 23, 12, 0, 0);

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    [' 42 ', 42],
    ['86400', 86_400],
    ['99999999999999999999', Number.MAX_SAFE_INTEGER],
    ['Mon, 23 Nov 2026 12:01:00 GMT', 60],
    ['Monday, 23-Nov-26 12:01:00 GMT', 60],
    ['Mon Nov 23 12:01:00 2026', 60],
    ['Sun Nov  8 12:01:00 2026', 0],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ])('reads %j as %d s', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });

  it.each([
    [null],
    [undefined],
    [''],
    ['-5'],
    ['+5'],
    ['1.5'],
    ['1e3'],
    ['soon'],
    ['0x10'],
    ['2026-11-23T12:01:00Z'],
    ['Tue, 31 Feb 2026 12:00:00 GMT'],
    ['Sat, 31 Feb 2026 23:59:60 GMT'],
    ['Tue, 03 Mar 2026 23:59:60 GMT'],
    ['Tue, 03 Mar 2026 24:00:00 GMT'],
    ['Sun, 23 Nov 2026 12:01:00 GMT'],
    ['Mon, 23 Non 2026 12:01:00 GMT'],
    ['Moonday, 23-Nov-26 12:01:00 GMT'],
    ['Mon Nov 31 12:01:00 2026'],
    ['Mon, 23 Nov 2026 25:00:00 GMT'],
    ['Mon, 23 Nov 2026 12:01:00 CET'],
    ['Mon, 23 Nov 2026 12:01:00 GMT, 5'],
  ])('takes %j for absent', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });

  it('reads back every date that JavaScript prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 365 * 86_400 }), (seconds) => {
        expect(parseRetryAfter(new Date(now + seconds * 1000).toUTCString(), now)).toBe(seconds);
      }),
    );
  });

  it('never answers with anything but a whole number of seconds from 0', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const seconds = parseRetryAfter(header, now);
        expect(seconds === undefined || (Number.isSafeInteger(seconds) && seconds >= 0)).toBe(true);
      }),
    );
  });
});
