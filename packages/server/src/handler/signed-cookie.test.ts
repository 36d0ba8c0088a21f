// Only what we signed, for this cookie and deployment and not too long ago, names a visitor.
import { createHmac } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, keyId } from '../lib/derive-key.ts';
import { createSignedCookie } from './signed-cookie.ts';

const now = 1_795_000_000;
const id = 'guest-0123456789abcdefghijklmn';
const settings = { secrets: ['s'.repeat(32)], name: '__Host-guest', webchatId: 'web-1', maxAge: 1_000 };
const cookie = createSignedCookie(settings);
const value = cookie.sign(id, now);

describe('a signed cookie', () => {
  it('names whom it was made for', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{16,64}$/), fc.nat(999), (who, age) => {
        const signed = cookie.sign(who, now - age);
        expect(cookie.read(signed, now)).toEqual({ id: who, issuedAt: now - age, outdated: false });
      }),
    );
  });

  it('is written as every version reads it, with a key for this purpose alone', () => {
    const [secret = ''] = settings.secrets;
    const signed = `v1.${keyId(secret, 'visitor-cookie')}.${now.toString(36)}.${id}`;
    const mac = createHmac('sha256', deriveKey(secret, 'visitor-cookie'))
      .update(`["__Host-guest","web-1"]${signed}`)
      .digest('base64url');
    expect(createSignedCookie(settings).sign(id, now)).toBe(`${signed}.${mac}`);
  });

  it.each([15, 65])('does not name a visitor whose id has %i characters, whoever signed it', (length) => {
    const its = createSignedCookie(settings);
    expect(its.read(its.sign('x'.repeat(length), now), now)).toBeUndefined();
  });

  it('is not signed without a secret', () => {
    expect(() => createSignedCookie({ ...settings, secrets: [] }).sign(id, now)).toThrow('No secret');
  });

  it('is worth nothing once any one character is another', () => {
    const character = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.nat(value.length - 1), character, (at, other) => {
        fc.pre(value[at] !== other);
        expect(cookie.read(value.slice(0, at) + other + value.slice(at + 1), now)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('has one spelling: the unused bits of the last character are not free', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const good = [...alphabet].filter((last) => cookie.read(value.slice(0, -1) + last, now));
    expect(good).toEqual([value.at(-1)]);
  });

  it('is worth nothing when cut, lengthened or made up', () => {
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.string({ minLength: 1 }), (length, more) => {
        expect(cookie.read(value.slice(0, length), now)).toBeUndefined();
        expect(cookie.read(value + more, now)).toBeUndefined();
        expect(cookie.read(more + value, now)).toBeUndefined();
        expect(cookie.read(more, now)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['another name', { ...settings, name: '__Host-other' }],
    ['another deployment', { ...settings, webchatId: 'web-2' }],
    ['a name and deployment that run together', { ...settings, name: '__Host-guestweb', webchatId: '-1' }],
    ['another secret', { ...settings, secrets: ['t'.repeat(32)] }],
  ])('is worth nothing under %s', (_what, other) => {
    expect(createSignedCookie(other).read(value, now)).toBeUndefined();
  });

  it.each([
    ['when issued', now, true],
    ['a second before its end', now + 999, true],
    ['at its end', now + 1_000, false],
    ['by a clock five minutes behind', now - 300, true],
    ['by a clock further behind', now - 301, false],
  ])('%s', (_when, at, good) => {
    expect(cookie.read(value, at) !== undefined).toBe(good);
  });

  it('outlives the rotation of its key in three steps', () => {
    const [old, young] = ['o'.repeat(32), 'y'.repeat(32)] as const;
    const steps = [[old], [old, young], [young, old], [young]].map((secrets) =>
      createSignedCookie({ ...settings, secrets }),
    );
    for (const [step, signer] of steps.entries()) {
      for (const reader of steps.slice(Math.max(0, step - 1), step + 2)) {
        expect(reader.read(signer.sign(id, now), now)).toMatchObject({ id });
      }
    }
    expect(steps[2]?.read(steps[1]?.sign(id, now) ?? '', now)?.outdated).toBe(true);
    expect(steps[3]?.read(steps[2]?.sign(id, now) ?? '', now)?.outdated).toBe(false);
    expect(steps[3]?.read(steps[0]?.sign(id, now) ?? '', now)).toBeUndefined();
  });
});

it('keeps nothing of the header that it was read from: a slice would keep all of it', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const junk = 'x'.repeat(16_000);
  const sliced = (i: number) => {
    const header = Buffer.from(`a=${junk}${i}; guest=${cookie.sign(`${id}${i}`, now)}`).toString('latin1');
    return header.slice(header.indexOf('guest=') + 6);
  };
  cookie.read(sliced(0), now);
  const before = heap();
  const visitors = Array.from({ length: 2_000 }, (_, i) => cookie.read(sliced(i), now));
  expect((heap() - before) / visitors.length).toBeLessThan(4_000);
});
