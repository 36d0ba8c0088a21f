// The store of one process: what is made meanwhile is not made again, and what is forgotten does not come back.
import { describe, expect, it } from 'vitest';
import { WEBCHAT } from '../testing/rig.ts';
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

it.each([
  [{ maxx: 1 }, 'store.maxx'],
  [{ max: 0 }, 'store.max'],
  [null, 'store'],
])('refuses %j and names the fault', (options, field) => {
  expect(() => memoryStore(options as never)).toThrow(
    expect.objectContaining({ code: 'configuration_invalid', errors: [expect.objectContaining({ field })] }),
  );
});
