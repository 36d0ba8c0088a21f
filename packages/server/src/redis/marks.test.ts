// Marks that all instances see: dead cookies, and ids that can be used once.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { GuestKey } from '../store/ports.ts';
import { guest, issuing, now, openStore, tokenOf } from '../testing/open-store.ts';
import { describeWithRedis, startTestRedis } from '../testing/redis.ts';
import { tellAll } from './base.ts';

const anna = guest('anna');

it('are told to a Redis that is back a hundred at once, and one that fails keeps none of the others', async () => {
  let underWay = 0;
  const told: number[] = [];
  const tell = async (one: number): Promise<void> => {
    underWay += 1;
    expect(underWay).toBeLessThanOrEqual(100);
    await sleep(0);
    underWay -= 1;
    told.push(one);
    if (one === 50) throw new Error('its slot moves');
  };
  await tellAll(Array(250).keys(), tell);
  expect(told).toEqual([...Array(250).keys()]);
});

describeWithRedis('marks', () => {
  /** Forgets a guest of whom a token is held: only then there is something to mark. */
  const kill = async (store: ReturnType<typeof openStore>, key: GuestKey, until: number): Promise<void> => {
    await store.issue(
      key,
      issuing(async () => tokenOf(key, 'a token')),
    );
    expect(await store.forget(key, until)).toBe(true);
  };

  it('of a dead cookie are seen by all, also one that was made while Redis was away', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    const until = now() + 60_000;
    expect(await two.revoked(anna)).toBe(false);
    await kill(one, anna, until);
    expect(await two.revoked(anna)).toBe(true);
    expect(await two.revoked(guest('anna', 'another webchat'))).toBe(false);
    await redis.kill();
    while (one.state === 'connected') await one.find(anna);
    await kill(one, guest('bert'), until);
    expect(await one.revoked(guest('bert'))).toBe(true);
    await redis.start();
    while (!(await two.revoked(guest('bert')))) await sleep(20);
    expect(await two.revoked(anna)).toBe(true);
  });

  it('of a dead cookie stay until it ends by itself, whatever else is forgotten of the guest', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    const until = now() + 1_500;
    await kill(one, anna, until);
    // The site's own forget() kills no cookie.
    await kill(one, guest('bert'), 0);
    expect(await two.revoked(guest('bert'))).toBe(false);
    // Once where nothing is held, and once where something is, by an instance that has not heard of it.
    expect(await one.forget(anna, 0)).toBe(false);
    await kill(two, anna, 0);
    for (const store of [one, two, openStore(redis.url)]) expect(await store.revoked(anna)).toBe(true);
    while (await two.revoked(anna)) await sleep(20);
    expect(now()).toBeGreaterThanOrEqual(until - 250);
  });

  it('of a dead cookie are told again to a Redis that has lost them', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    await two.issue(
      anna,
      issuing(async () => tokenOf(anna, 'held elsewhere')),
    );
    expect(await one.forget(anna, now() + 60_000)).toBe(true);
    expect(await one.forget(anna, now() + 60_000)).toBe(false);
    await redis.kill();
    while (one.state === 'connected') await one.find(anna);
    await redis.start();
    while (!(await two.revoked(anna))) await sleep(20);
  });

  it('of 10,000 guests who were forgotten while Redis was away do not make it go away again', async () => {
    const redis = await startTestRedis();
    const lines: string[] = [];
    const store = openStore(redis.url, { log: (_level, message) => void lines.push(message) });
    await expect.poll(() => store.state).toBe('connected');
    await redis.kill();
    while (store.state === 'connected') await store.find(anna);
    for (let i = 0; i < 10_000; i += 1) await store.forget(guest(`guest ${i}`));
    await redis.start();
    const told = async () => {
      const stats = await redis.command('INFO', 'commandstats').catch(() => '');
      return Number(/cmdstat_eval:calls=(\d+)/.exec(String(stats))?.[1] ?? 0);
    };
    await expect.poll(told, { timeout: 20_000 }).toBeGreaterThan(10_000);
    expect(lines.filter((line) => line === 'Redis is connected')).toHaveLength(2);
  });

  it('are made once by all together, and not at all where they cannot be recorded', async () => {
    const redis = await startTestRedis();
    const stores = [openStore(redis.url), openStore(redis.url), openStore(redis.url)];
    const spent = await Promise.all([...stores, ...stores].map((store) => store.spend('code', 60_000)));
    expect(spent.filter(Boolean)).toHaveLength(1);
    const claims = await Promise.all(stores.map((store, i) => store.claim('proof', `owner ${i}`, 60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const owner = claims.indexOf(true);
    expect(await stores[(owner + 1) % 3]?.claim('proof', `owner ${owner}`, 60_000)).toBe(true);
    await redis.kill();
    await expect(stores[0]?.spend('another', 60_000)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(stores[0]?.claim('another', 'me', 60_000)).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
  });
});
