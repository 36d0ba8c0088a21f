// Two versions on one Redis, both ways: an instance leaves alone what a newer one wrote, and both keep to one budget.
import { afterEach, expect, it, vi } from 'vitest';
import type { Log } from '../observe/log.ts';
import { guest, issuing, openStore, tokenOf } from '../testing/open-store.ts';
import { connectTo, describeWithRedis, startTestRedis } from '../testing/redis.ts';
import { testOptions, WEBCHAT } from '../testing/rig.ts';

type Encrypting = typeof import('../lib/encryption.ts');

afterEach(() => {
  vi.doUnmock('../lib/encryption.ts');
  vi.doUnmock('../lib/version.ts');
  vi.resetModules();
});

/** This version as its successor will be: it writes another format, and still reads this one. */
const openNext = async (url: string) => {
  vi.resetModules();
  vi.doMock('../lib/version.ts', () => ({ version: '99.0.0' }));
  vi.doMock('../lib/encryption.ts', async (load) => {
    const real = await load<Encrypting>();
    const createEncryption: Encrypting['createEncryption'] = (...args) => {
      const { encrypt, decrypt } = real.createEncryption(...args);
      return {
        encrypt: (text, aad) => encrypt(text, aad).replace(/^v1/, 'v2'),
        decrypt: (text, aad) => decrypt(text.replace(/^v2/, 'v1'), aad),
      };
    };
    return { FORMAT: 2, isNewer: () => false, createEncryption };
  });
  const next = await import('../testing/open-store.ts');
  return next.openStore(url);
};

type Store = ReturnType<typeof openStore>;

const take = (store: Store, name: string, token: string) =>
  store.issue(
    guest(name),
    issuing(async () => tokenOf(guest(name), token)),
  );
const tokenIn = async (store: Store, name: string) => (await store.find(guest(name)))?.token;

describeWithRedis('two versions on one Redis', () => {
  const open = async () => {
    const redis = await startTestRedis();
    const next = await openNext(redis.url);
    const lines: string[] = [];
    const log: Log = (_level, message) => void lines.push(message);
    const client = await connectTo(redis);
    const dump = async (kind: string) => {
      const [key = ''] = await client.keys(`genesys-guest:${kind}:*`);
      return client.sendCommand(['DUMP', key], { typeMapping: { 36: Buffer } });
    };
    return { redis, next, lines, now: openStore(redis.url, { log }), dump };
  };

  it('the older keeps the newer token, has its own for its own visitors, and says that there are two', async () => {
    const { next, now, lines, dump } = await open();
    await take(next, 'anna', 'by the next');
    const before = await dump('guest-token');
    expect(before).toBeTruthy();
    expect(await tokenIn(now, 'anna')).toBeUndefined();
    expect((await take(now, 'anna', 'by this')).token).toBe('by this');
    // Kept here: the visitor costs no call on each page.
    expect(await tokenIn(now, 'anna')).toBe('by this');
    await expect.poll(() => tokenIn(now, 'anna')).toBe('by this');
    expect(await dump('guest-token')).toEqual(before);
    expect(await tokenIn(next, 'anna')).toBe('by the next');
    await expect.poll(() => lines.join()).toMatch(/several versions share this Redis: \S+, 99\.0\.0\./);
  });

  it('the newer reads what the older wrote, and forgetting reaches both', async () => {
    const { next, now } = await open();
    await take(now, 'bert', 'by this');
    expect(await tokenIn(next, 'bert')).toBe('by this');
    await take(next, 'carl', 'by the next');
    expect(await now.forget(guest('carl'))).toBe(true);
    expect(await tokenIn(next, 'carl')).toBeUndefined();
  });

  it('the older leaves the newer events to the newer, and drops none', async () => {
    const { next, now, dump } = await open();
    const dropped = vi.fn();
    const [older, newer] = [now.shared.events(10, dropped), next.shared.events(10, dropped)];
    const event = { data: { externalId: 'anna', action: 'ISSUED', webchatId: WEBCHAT } };
    expect(newer.offer(event as never)).toBe(true);
    await vi.waitFor(() => expect(newer.size).toBe(1));
    expect(await older.next(10)).toEqual([]);
    await older.settle([], 'delivered');
    expect(await older.next(10)).toEqual([]);
    await older.close();
    expect(String(await dump('events'))).toContain('v2.');
    expect(dropped).not.toHaveBeenCalled();
    await newer.close();
  });

  it('both spend one budget', async () => {
    const { next, now } = await open();
    const { perMinute } = testOptions();
    const windows = [next, now].map(({ shared }) => shared.slidingWindow);
    let taken = 0;
    for (let i = 0; i < perMinute + 10; i += 1) {
      if ((await windows[i % 2]?.take('known')) === 0) taken += 1;
    }
    expect(taken).toBe(perMinute);
  });
});
