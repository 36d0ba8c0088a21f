// The store of one process: what is issued meanwhile is not issued again, and what is forgotten does not come back.
import { describe, expect, it, vi } from 'vitest';
import { WEBCHAT } from '../testing/rig.ts';
import { createSingleUse } from './marks.ts';
import { memoryStore } from './memory-store.ts';
import type { GuestToken } from './ports.ts';

const key = { webchatId: WEBCHAT, externalId: 'anna' };
const tokenOf = (token: string): GuestToken => ({
  ...key,
  token,
  attributes: undefined,
  issuedAt: 0,
  expiresAt: 1_000,
});

const open = () => memoryStore().open({ now: () => 0, onInvalidate: () => {} });

const issuing = (token: string, suffices: boolean) => ({
  suffices: () => suffices,
  issue: async () => tokenOf(token),
  deadline: 1_000,
  signal: undefined,
});

describe('issue', () => {
  it('takes what was made between the look of the caller and now', async () => {
    const store = open();
    await store.issue(key, issuing('first', true));
    expect((await store.issue(key, issuing('second', true))).token).toBe('first');
    expect((await store.issue(key, issuing('third', false))).token).toBe('third');
  });

  it('hands out and does not keep what was forgotten while it was made', async () => {
    const store = open();
    const made = store.issue(key, {
      ...issuing('late', true),
      issue: async () => {
        await store.forget(key);
        return tokenOf('late');
      },
    });
    expect((await made).token).toBe('late');
    expect(await store.find(key)).toBeUndefined();
  });
});

describe('forget', () => {
  it('of ten thousand others while a token is issued slowly does not bring it back', async () => {
    const store = open();
    const late = store.issue(key, {
      ...issuing('late', true),
      issue: async () => {
        expect(await store.forget(key)).toBe(true);
        for (let i = 0; i < 20_000; i += 1) {
          expect(await store.forget({ ...key, externalId: `other ${i}` })).toBe(false);
        }
        return tokenOf('late');
      },
    });
    expect((await late).token).toBe('late');
    expect(await store.find(key)).toBeUndefined();
    expect(await store.forget(key)).toBe(false);
  });

  it('of a guest everywhere reaches every webchat, also what is being issued, and nobody else', async () => {
    const store = open();
    const [here, there] = [key, { ...key, webchatId: 'another' }];
    // A name that ends like another guest's.
    const bert = { ...key, externalId: 'bert\0anna' };
    for (const each of [here, bert]) await store.issue(each, issuing('a token', true));
    await store.issue(there, {
      ...issuing('late', true),
      issue: async () => {
        expect(await store.erase('anna')).toBe(true);
        return tokenOf('late');
      },
    });
    for (const each of [here, there]) expect(await store.find(each)).toBeUndefined();
    expect((await store.find(bert))?.token).toBe('a token');
    expect(await store.erase('anna')).toBe(false);
  });
});

it('says who has lost a token and why, without the token', async () => {
  const onInvalidate = vi.fn();
  const store = memoryStore({ max: 1 }).open({ now: () => 0, onInvalidate });
  const other = { ...key, externalId: 'bert' };
  for (const [each, token] of [
    [key, 'first'],
    [key, 'second'],
    [other, 'third'],
  ] as const) {
    await store.issue(each, {
      ...issuing(token, false),
      issue: async () => ({ ...tokenOf(token), ...each }),
    });
  }
  await store.forget(other);
  expect(onInvalidate.mock.calls).toEqual([
    [key, 'renewed'],
    [key, 'evicted'],
    [other, 'forgotten'],
  ]);
});

it('is told once of a token that is forgotten again while that is told', async () => {
  const onInvalidate = vi.fn(() => void store.forget(key));
  const store = memoryStore().open({ now: () => 0, onInvalidate });
  await store.issue(key, issuing('first', true));
  expect(await store.forget(key)).toBe(true);
  expect(onInvalidate).toHaveBeenCalledTimes(1);
});

describe('a dead cookie', () => {
  it('is dead until it ends by itself', async () => {
    const clock = { now: 0 };
    const store = memoryStore().open({ now: () => clock.now, onInvalidate: () => {} });
    expect(await store.forget(key, 1_000)).toBe(false);
    expect(store.revoked(key)).toBe(false);
    await store.issue(key, issuing('a token', true));
    expect(await store.forget(key, 1_000)).toBe(true);
    expect(store.revoked(key)).toBe(true);
    expect(store.revoked({ ...key, webchatId: 'another' })).toBe(false);
    clock.now = 1_000;
    expect(store.revoked(key)).toBe(false);
  });

  it('is forgotten first where it is the oldest of more than are kept', async () => {
    const store = open();
    const guest = (i: number) => ({ ...key, externalId: `guest ${i}` });
    // One who stays: an LRU cache takes long to lose its only entry.
    await store.issue(key, issuing('a token', true));
    for (const i of [...Array(100_000).keys(), 0, 100_000]) {
      await store.issue(guest(i), issuing('a token', true));
      await store.forget(guest(i), 1_000);
    }
    expect([0, 1, 2, 100_000].map((i) => store.revoked(guest(i)))).toEqual([true, false, true, true]);
  });
});

describe('an id', () => {
  it('is spent once, until its time is over', async () => {
    const clock = { now: 0 };
    const ids = createSingleUse(() => clock.now);
    expect([await ids.spend('code', 1_000), await ids.spend('code', 1_000)]).toEqual([true, false]);
    expect(await ids.spend('another', 1_000)).toBe(true);
    clock.now = 1_000;
    expect(await ids.spend('code', 1_000)).toBe(true);
  });

  it('belongs to the first who claims it', async () => {
    const ids = createSingleUse(() => 0);
    expect(await ids.claim('proof', 'first', 1_000)).toBe(true);
    expect(await ids.claim('proof', 'second', 1_000)).toBe(false);
    expect(await ids.claim('proof', 'first', 1_000)).toBe(true);
    expect(await ids.spend('proof', 1_000)).toBe(true);
  });

  it('is refused and no other one let go where there is no room', async () => {
    const clock = { now: 0 };
    const ids = createSingleUse(() => clock.now, 2);
    await ids.spend('one', 1_000);
    await ids.spend('two', 2_000);
    await expect(ids.spend('three', 1_000)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await ids.spend('one', 1_000)).toBe(false);
    clock.now = 1_000;
    expect(await ids.spend('three', 1_000)).toBe(true);
  });
});

it.each([
  [{ maxx: 1 }, 'store.maxx'],
  [{ max: 0 }, 'store.max'],
  [null, 'store'],
])('refuses %j and names the fault', (options, field) => {
  expect(() => memoryStore(options as never)).toThrow(
    expect.objectContaining({ code: 'configuration_invalid', errors: [expect.objectContaining({ field })] }),
  );
});
