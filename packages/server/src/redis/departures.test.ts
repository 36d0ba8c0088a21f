// What an instance knows of the calls of all: when they leave the window, whoever made them.
import { describe, expect, it } from 'vitest';
import { createDepartures } from './departures.ts';

const start = () => {
  const clock = { now: 1_000_000 };
  return { clock, departures: createDepartures(60_000, () => clock.now) };
};

describe('departures', () => {
  it('count for one window', () => {
    const { clock, departures } = start();
    departures.add();
    clock.now += 30_000;
    departures.add();
    expect([departures.active(), departures.until(1), departures.until(0)]).toEqual([2, 30_000, 60_000]);
    clock.now += 30_000;
    expect([departures.active(), departures.until(1), departures.until(0)]).toEqual([1, 0, 30_000]);
  });

  it('of others are taken to be as late as can be, until Redis says when they leave', () => {
    const { departures } = start();
    departures.correct(10);
    expect(departures.until(9)).toBe(60_000);
    departures.replace(10, 3, [10_000, 20_000, 30_000]);
    expect([8, 7, 5, 4, 1, 0].map(departures.until)).toEqual([
      10_000, 10_000, 20_000, 20_000, 30_000, 60_000,
    ]);
  });

  it('that have left sooner than was thought are the oldest', () => {
    const { clock, departures } = start();
    departures.correct(5);
    clock.now += 10_000;
    departures.correct(8);
    departures.correct(4);
    expect([departures.active(), departures.until(3)]).toEqual([4, 50_000]);
    departures.correct(3);
    expect(departures.until(2)).toBe(60_000);
  });

  it('are bounded however many there are', () => {
    const { clock, departures } = start();
    for (let i = 0; i < 100_000; i += 1) {
      clock.now += 0.5;
      departures.add();
    }
    expect(departures.active()).toBe(100_000);
    clock.now += 61_000;
    expect(departures.active()).toBe(0);
  });
});
