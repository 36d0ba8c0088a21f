// The budget and the pause of all processes: what one spends or hears, the others know.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Instance, startInstances } from './instances.ts';
import { describeWithRedis, type RedisServer, startRedis } from './redis-server.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

describeWithRedis('three processes', () => {
  let redis: RedisServer;
  let emulator: Emulator;
  let instances: Instance[] = [];
  beforeEach(async () => {
    redis = await startRedis();
    emulator = await startEmulator();
    instances = await startInstances(3, {
      url: redis.url,
      endpoints: emulator.endpoints,
      upstream: { perMinute: 30, deadline: 3_000 },
    });
  });
  afterEach(async () => {
    await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
    await emulator.close();
    await redis[Symbol.asyncDispose]();
  });
  const burst = (guests: number) =>
    Promise.all(instances.map((instance, i) => instance.load({ name: `${i}`, guests, atOnce: guests })));

  it('spend one budget, all of it at once, and refuse the rest', async () => {
    const loads = await burst(30);
    const served = loads.reduce((sum, { distinct }) => sum + distinct, 0);
    // One of the thirty calls was for the access token.
    expect(served).toBe(29);
    expect(loads.reduce((sum, { codes }) => sum + (codes['upstream_limited'] ?? 0), 0)).toBe(90 - 29);
    expect(emulator.stats().busiestMinute.all).toBe(30);
  });

  it('spend no more than their shares when Redis goes in the middle', async () => {
    const first = await burst(5);
    expect(first.map(({ distinct }) => distinct)).toEqual([5, 5, 5]);
    await redis.kill();
    await burst(30);
    expect(emulator.stats().busiestMinute.all).toBeLessThanOrEqual(30);
    expect(emulator.stats().busiestMinute.all).toBeGreaterThan(20);
  });

  it('keep a pause that one of them was told', async () => {
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
