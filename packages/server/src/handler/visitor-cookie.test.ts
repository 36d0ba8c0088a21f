// The cookie has the attributes that were settled, lives no longer than from its issue, and cannot be doubled.
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ResolvedCookieOptions } from './ports.ts';
import { createVisitorCookie } from './visitor-cookie.ts';

const settings: ResolvedCookieOptions = {
  name: 'guest',
  maxAge: 1_000,
  sameSite: 'Lax',
  secure: false,
  partitioned: false,
  domain: undefined,
};
const secrets = ['s'.repeat(32)];
const clock = { now: 1_795_000_000 };
const cookieWith = (overrides: Partial<ResolvedCookieOptions> = {}) =>
  createVisitorCookie(
    { cookie: { ...settings, ...overrides }, secrets, webchatId: 'web-1' },
    () => clock.now,
  );
const request = (cookie?: string) => ({ headers: { cookie } }) as IncomingMessage;

const cookie = cookieWith();
const pair = cookie.issue().split(';')[0] ?? '';
const another = cookie.issue().split(';')[0] ?? '';

describe('the visitor cookie', () => {
  it.each([
    [{}, 'Max-Age=1000; Path=/; HttpOnly; SameSite=Lax'],
    [{ secure: true, sameSite: 'Strict' }, 'Max-Age=1000; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [
      { secure: true, sameSite: 'None', partitioned: true },
      'Max-Age=1000; Path=/; HttpOnly; Secure; Partitioned; SameSite=None',
    ],
    [{ domain: 'example.com' }, 'Max-Age=1000; Domain=example.com; Path=/; HttpOnly; SameSite=Lax'],
  ] as const)('with %j is set and cleared alike', (overrides, attributes) => {
    const its = cookieWith(overrides);
    expect(its.issue().replace(/^[^;]*; /, '')).toBe(attributes);
    expect(its.clear.replace(/^[^;]*; /, '').replace('Expires=Thu, 01 Jan 1970 00:00:00 GMT; ', '')).toBe(
      attributes.replace('Max-Age=1000', 'Max-Age=0'),
    );
  });

  it('signed anew keeps the time that it has left', () => {
    const signed = cookie.read(request(pair));
    clock.now += 400;
    expect(signed && cookie.resign(signed)).toContain('; Max-Age=600;');
    clock.now -= 400;
  });

  it('never names two visitors alike', () => {
    expect(pair).not.toBe(another);
  });

  it.each([
    ['alone', pair, true],
    ['among others', `a=1; ${pair};b="x"; guest2=y; xguest=z`, true],
    ['twice the same', `${pair}; ${pair}`, true],
    ['beside another of ours', `${pair}; ${another}`, false],
    ['beside a planted one', `guest=planted; ${pair}`, false],
    ['beside an empty one', `${pair}; guest=`, false],
    ['quoted', `guest="${pair.slice(6)}"`, false],
    ['percent-encoded', pair.replace('v1.', 'v1%2E'), false],
    ['under a longer name', `my${pair}`, false],
    ['in another case', pair.replace('guest=', 'Guest='), false],
    ['absent', undefined, false],
    ['without a name', pair.slice(6), false],
  ])('is read when it comes %s: %#', (_how, header, good) => {
    expect(cookie.read(request(header)) !== undefined).toBe(good);
  });

  // `guest` stands in every id, too; a name that comes once is read another way.
  it.each<[string, (pair: string) => string, boolean]>([
    ['alone', (its) => its, true],
    ['first', (its) => `${its}; a=1`, true],
    ['first, with a space behind', (its) => `${its} ; a=1`, true],
    ['last', (its) => `a=1; ${its}`, true],
    ['last, without a space before', (its) => `a=1;${its}`, true],
    ['under a longer name', (its) => `my${its}`, false],
    ['under a longer name, last', (its) => `a=1; my${its}`, false],
    ['in the value of another', (its) => `a=1 ${its}`, false],
    ['twice, once planted', (its) => `${its}; seen=planted`, false],
    ['not at all', () => 'a=1; b=2', false],
  ])('of a name that is in no id is read when it comes %s', (_how, header, good) => {
    const its = cookieWith({ name: 'seen' });
    const own = its.issue().split(';')[0] ?? '';
    expect(its.read(request(header(own))) !== undefined).toBe(good);
  });

  it('of a name with signs that mean something elsewhere is read by that name alone', () => {
    const its = cookieWith({ name: 'a.b|$c*' });
    const own = its.issue().split(';')[0] ?? '';
    expect(its.read(request(own))).toBeDefined();
    expect(its.read(request(own.replace('a.b', 'axb')))).toBeUndefined();
  });

  it('says how long it lives on, and never less than nothing', () => {
    const signed = cookie.read(request(pair));
    const left = (later: number) => {
      clock.now += later;
      const seconds = signed && cookie.lifeLeft(signed);
      clock.now -= later;
      return seconds;
    };
    expect([left(0), left(400), left(2_000)]).toEqual([1_000, 600, 0]);
  });
});
