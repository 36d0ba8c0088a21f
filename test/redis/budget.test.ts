// The budget and the pause of all processes: what one spends or hears, the others know.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { type Instance, startInstances } from './instances.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

describeWithRedis('three processes', () => {
  let redis: RedisServer;
  let emulator: Emulator;
  let instances: Instance[] = [];
  beforeEach(async () => {
    redis = await startRedis();
    emulator = await startEmulator();
  });
  afterEach(async () => {
    await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
    await emulator.close();
    await redis[Symbol.asyncDispose]();
  });
  const start = async (more: { readonly instances?: number }): Promise<void> => {
    instances = await startInstances(3, {
      url: redis.url,
      endpoints: emulator.endpoints,
      upstream: { perMinute: 30, deadline: 3_000, ...more },
    });
  };
  let bursts = 0;
  const burst = (guests: number) => {
    bursts += 1;
    return Promise.all(
      instances.map((instance, i) => instance.load({ name: `${bursts} ${i}`, guests, atOnce: guests })),
    );
  };

  it('spend one budget, all of it at once, and refuse the rest', async () => {
    await start({});
    const loads = await burst(30);
    const served = loads.reduce((sum, { distinct }) => sum + distinct, 0);
    // One of the thirty calls was for the access token.
    expect(served).toBe(29);
    expect(loads.reduce((sum, { codes }) => sum + (codes['upstream_limited'] ?? 0), 0)).toBe(90 - 29);
    expect(emulator.stats().busiestMinute.all).toBe(30);
  });

  it.each([
    ['alike', 5, 5, 5],
    ['one of them most', 15, 1, 1],
  ])('spend no more than their shares when Redis goes in the middle: %s', async (_name, ...guests) => {
    await start({ instances: 3 });
    for (const [i, instance] of instances.entries()) {
      const load = { name: `first ${i}`, guests: guests[i] as number, atOnce: 5 };
      expect((await instance.load(load)).distinct).toBe(guests[i]);
    }
    await redis.kill();
    await burst(30);
    expect(emulator.stats().busiestMinute.all).toBeLessThanOrEqual(30);
    expect(emulator.stats().busiestMinute.all).toBeGreaterThan(20);
  });

  it("keep to the platform's own count when Redis goes, where the site says nothing", async () => {
    await emulator.close();
    emulator = await startEmulator({ rateLimit: 30 });
    await start({});
    const first = await burst(5);
    expect(first.map(({ distinct }) => distinct)).toEqual([5, 5, 5]);
    await redis.kill();
    const loads = await burst(30);
    const { guestTokens, perGuest } = emulator.stats();
    // The platform serves what it serves; what goes beyond is what each had under way before it was told.
    expect(perGuest.issued).toBeLessThanOrEqual(30);
    expect(loads.reduce((sum, { distinct }) => sum + distinct, 15)).toBe(perGuest.issued);
    expect(guestTokens).toBeLessThanOrEqual(3 * 30);
    // From then on nothing leaves before the platform's minute is over.
    await burst(30);
    expect(emulator.stats().guestTokens).toBe(guestTokens);
  });

  it('tell Redis when it is back what they called without it', async () => {
    await start({ instances: 3 });
    await burst(2);
    await redis.kill();
    await burst(4);
    const before = emulator.stats().busiestMinute.all;
    await redis.start();
    const counted = async () => {
      const [calls = ''] = (await redis.command('KEYS', '*:calls:*')) as string[];
      return calls && Number(await redis.command('ZCARD', calls));
    };
    while ((await counted()) !== before) await sleep(20);
    await burst(30);
    expect(emulator.stats().busiestMinute.all).toBe(30);
  });

  it('keep a pause that one of them was told', async () => {
    await start({});
    await burst(1);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 429, retryAfter: 30 });
    const [one, two, three] = instances as [Instance, Instance, Instance];
    expect((await one.onboard('anna')).code).toBe('upstream_limited');
    const before = emulator.stats().guestTokens;
    while (((await redis.command('KEYS', '*:pause:*')) as string[]).length === 0) await sleep(10);
    for (const other of [two, three]) {
      const { code, retryAfter } = await other.onboard('bert');
      expect(code).toBe('upstream_limited');
      expect(retryAfter).toBeGreaterThan(25);
    }
    expect(emulator.stats()).toMatchObject({ guestTokens: before, earlyCount: 0 });
  });
});
