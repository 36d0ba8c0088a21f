// The site's word goes before the cookie's, and a site that fails to speak is told so.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ResolvedHandlerOptions } from './ports.ts';
import { createIdentify, createVisitorOf } from './visitor.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

const request = { method: 'GET', headers: {}, host: undefined };
const signed = { id: 'guest-1', issuedAt: 1, outdated: false };
const cookie = { read: () => signed } as unknown as VisitorCookie;

/** As a promise, whether the site's word comes at once or later. */
const visitorOf = async (identify: ResolvedHandlerOptions['identify'], cookie: VisitorCookie | undefined) =>
  createVisitorOf(createIdentify(identify), cookie)(request);

describe('visitorOf', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['at once', () => ({ externalId: 'member-1' })],
    ['later', async () => ({ externalId: 'member-1' })],
  ])('takes the word of the site, given %s', async (_when, identify) => {
    expect(await visitorOf(identify, cookie)).toEqual({
      guest: { externalId: 'member-1' },
      identified: true,
      signed,
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['is nobody', () => undefined],
    ['is null', () => null as never],
    ['is not asked', undefined],
  ])('takes the cookie where the site says that this %s', async (_what, identify) => {
    const visitor = await visitorOf(identify, cookie);
    expect(visitor).toEqual({ guest: { externalId: 'guest-1' }, identified: false, signed });
  });

  it('knows nobody without either', async () => {
    expect((await visitorOf(undefined, undefined)).guest).toBeUndefined();
  });

  it('waits 5 s for the site and not longer', async () => {
    let answer = (_guest: undefined): void => {};
    const slow = () =>
      new Promise<undefined>((resolve) => {
        answer = resolve;
      });
    const inTime = visitorOf(slow, cookie);
    await vi.advanceTimersByTimeAsync(4_999);
    answer(undefined);
    expect((await inTime).guest).toEqual({ externalId: 'guest-1' });

    const late = expect(visitorOf(slow, cookie)).rejects.toMatchObject({
      code: 'identify_failed',
      status: 500,
    });
    await vi.advanceTimersByTimeAsync(5_000);
    await late;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no session');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no session'))],
  ])('says why where the site %s, with the cause for its developers', async (_how, identify) => {
    await expect(visitorOf(identify, cookie)).rejects.toMatchObject({
      code: 'identify_failed',
      message: 'identify(req) failed: no session',
      cause: { message: 'no session' },
    });
  });

  it('says so where the site throws what is no text at all', async () => {
    const identify = () => Promise.reject(Object.create(null));
    await expect(visitorOf(identify, cookie)).rejects.toMatchObject({ code: 'identify_failed' });
  });

  it.each([
    ['a string', 'member-1', ['guest']],
    ['an empty id', { externalId: '' }, ['externalId']],
    ['an id too long', { externalId: 'x'.repeat(256) }, ['externalId']],
    ['the id of an anonymous guest', { externalId: `guest-${'a'.repeat(24)}` }, ['externalId']],
    ['a number as id', { externalId: 7 }, ['externalId']],
    ['a number as value', { externalId: 'x', attributes: { age: 7 } }, ['attributes.age']],
    ['a value too long', { externalId: 'x', attributes: { a: 'x'.repeat(513) } }, ['attributes.a']],
    [
      'too many attributes',
      { externalId: 'x', attributes: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, ''])) },
      ['attributes'],
    ],
    ['two faults', { externalId: '', attributes: [] }, ['externalId', 'attributes']],
  ])('refuses %s and names the field', async (_what, guest, fields) => {
    const failed = visitorOf(() => guest as never, cookie);
    await expect(failed).rejects.toMatchObject({
      code: 'guest_invalid',
      errors: fields.map((field) => ({ field })),
    });
  });

  it('says of an id that an anonymous guest could have how to mend it', async () => {
    const member = { externalId: `guest-${'a'.repeat(24)}` };
    await expect(visitorOf(() => member, cookie)).rejects.toThrow(
      /externalId must not have the shape.*prefix/,
    );
    expect((await visitorOf(() => ({ externalId: 'guest-7' }), cookie)).identified).toBe(true);
  });
});
