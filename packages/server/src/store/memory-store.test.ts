// The store of one process: what is made meanwhile is not made again, and what is forgotten does not come back.
import { describe, expect, it } from 'vitest';
import { testSettings, WEBCHAT } from '../testing/rig.ts';
import { memoryStore } from './memory-store.ts';
import type { GuestToken } from './store.ts';

const key = { webchatId: WEBCHAT, externalId: 'anna' };
const tokenOf = (token: string): GuestToken => ({
  ...key,
  token,
  attributes: undefined,
  issuedAt: 0,
  expiresAt: 1_000,
});

const open = () => memoryStore().open({ settings: testSettings(), now: () => 0, onInvalidate: () => {} });

const making = (token: string, suffices: boolean) => ({
  suffices: () => suffices,
  mint: async () => tokenOf(token),
  signal: undefined,
});

describe('make', () => {
  it('takes what was made between the look of the caller and now', async () => {
    const store = open();
    await store.make(key, making('first', true));
    expect((await store.make(key, making('second', true))).token).toBe('first');
    expect((await store.make(key, making('third', false))).token).toBe('third');
  });

  it('hands out and does not keep what was forgotten while it was made', async () => {
    const store = open();
    const made = store.make(key, {
      ...making('late', true),
      mint: async () => {
        await store.forget(key);
        return tokenOf('late');
      },
    });
    expect((await made).token).toBe('late');
    expect(await store.find(key)).toBeUndefined();
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
