// The platform's clock as its answers show it.
import { expect, it } from 'vitest';
import { ClockSkew } from './clock-skew.ts';

const at = (ms: number) => ({ date: new Date(ms).toUTCString() });

it.each([
  [4_000, 0],
  [-4_000, 0],
  [5_000, 5_000],
  [-90_000, -90_000],
])('a platform %i ms ahead counts as %i', (ahead, counted) => {
  const skew = new ClockSkew();
  skew.learn(at(1_000_000 + ahead), 1_000_000);
  expect(skew.toPlatform(0)).toBe(counted);
  expect(skew.toOurs(0) + counted).toBe(0);
});

it('goes by the first answer of a second, and by nothing that is no date', () => {
  const skew = new ClockSkew();
  skew.learn(at(60_000), 0);
  skew.learn(at(60_000), 900);
  skew.learn({}, 0);
  skew.learn({ date: 'noon' }, 0);
  expect(skew.toPlatform(0)).toBe(60_000);
});

it('learns nothing of a date with which no expiry could be written', () => {
  const skew = new ClockSkew();
  skew.learn({ date: 'Sat, 13 Sep 275760 00:00:00 GMT' }, 0);
  expect(skew.toPlatform(0)).toBe(0);
});

it.each([
  [59_000, ''],
  [60_000, 'The clock of this machine is 60 s behind: set it by NTP. '],
  [-61_000, 'The clock of this machine is 61 s ahead: set it by NTP. '],
])('%i ms: %j', (ahead, hint) => {
  const skew = new ClockSkew();
  skew.learn(at(1_000_000 + ahead), 1_000_000);
  expect(skew.hint).toBe(hint);
});
