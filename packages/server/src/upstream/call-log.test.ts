// The calls of the last minute, as all who share a client of the platform count them.
import { expect, it } from 'vitest';
import { CallLog, callLogOf, WINDOW } from './call-log.ts';

it('counts what left within the window, however much has left before', () => {
  const log = new CallLog();
  const left: number[] = [];
  for (let at = 0; at < 20 * WINDOW; at += 97) {
    log.add({ at });
    left.push(at);
    if (at % 11 === 0) expect(log.counting(at).length).toBe(left.filter((then) => then + WINDOW > at).length);
  }
  const last = left.at(-1) as number;
  expect([log.counting(last + WINDOW - 1).length, log.counting(last + WINDOW).length]).toEqual([1, 0]);
});

it('says when the next places are free', () => {
  const log = new CallLog();
  for (const at of [10, 20, 30]) log.add({ at });
  const at = (limit: number, nth: number, now = 30) => log.freeAt(limit, nth, now);
  expect([at(4, 0), at(3, 0), at(3, 2), at(2, 0)]).toEqual([
    -Infinity,
    10 + WINDOW,
    30 + WINDOW,
    20 + WINDOW,
  ]);
  expect(at(3, 0, 10 + WINDOW)).toBe(-Infinity);
});

it('takes back the newest, and never one that counts no more', () => {
  const log = new CallLog();
  log.add({ at: 0 });
  log.add({ at: 10 });
  log.removeNewest();
  expect(log.counting(10).length).toBe(1);
  expect(log.counting(WINDOW).length).toBe(0);
  log.removeNewest();
  log.add({ at: WINDOW });
  expect(log.counting(WINDOW).length).toBe(1);
});

it('is one for all who use a client, one after another', () => {
  const of = (client = 'id') => callLogOf('https://login.example.com', client);
  expect(of()).toBe(of());
  expect(of('another')).not.toBe(of());
  for (let i = 0; i < 99; i += 1) of(`client ${i}`);
  expect(of('another')).not.toBe(of());
});
