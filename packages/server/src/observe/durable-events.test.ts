// The queue of a shared store keeps what is refused to be looked at, and room for what a flood is not.
import { expect, it, onTestFinished, vi } from 'vitest';
import { redisStore } from '../redis/redis-store.ts';
import { describeWithRedis, startTestRedis } from '../testing/redis.ts';
import { testOptions, WEBCHAT } from '../testing/rig.ts';
import type { AuditAction } from './audit-entry.ts';
import { cloudEvent } from './cloud-event.ts';

const eventOf = (externalId: string, action: AuditAction) =>
  cloudEvent(
    {
      timestamp: '2026-11-23T12:00:00.000Z',
      externalId,
      action,
      latencyMs: 1,
      webchatId: WEBCHAT,
      attributesCount: 0,
      instance: 'host:1',
    },
    'mypurecloud.ie',
  );

const open = async (max: number) => {
  const redis = await startTestRedis();
  const options = testOptions({ secrets: ['a secret of the site, 32 characters'] });
  const store = redisStore({ url: redis.url }).open({
    webchatId: WEBCHAT,
    secrets: options.secrets,
    upstream: options,
    tokenLifetime: 60,
    log: options.log,
    now: Date.now,
    onErased: () => {},
    onInvalidate: () => {},
  });
  const queue = store.shared.events(max, () => {});
  onTestFinished(async () => {
    await queue.close();
    await store.close();
  });
  return { redis, queue, store };
};

describeWithRedis('the queue in Redis', () => {
  it('sets aside what is refused, encrypted', async () => {
    const { redis, queue } = await open(10);
    expect(queue.offer(eventOf('anna-the-guest', 'ISSUED'))).toBe(true);
    await vi.waitFor(() => expect(queue.size).toBe(1));
    await queue.settle(await queue.next(10), 'refused');
    expect(queue.size).toBe(0);
    const [aside] = (await redis.command('KEYS', '*:events-refused:*')) as string[];
    const kept = JSON.stringify(await redis.command('ZRANGE', aside as string, '0', '-1'));
    expect(kept).toContain('v1.');
    expect(kept).not.toContain('anna');
  });

  it('is looked through part by part, and once for all who are erased together', async () => {
    const { redis, queue } = await open(10_000);
    const guests = Array.from({ length: 1_100 }, (_, i) => `guest ${i}`);
    for (const guest of guests) queue.offer(eventOf(guest, 'ISSUED'));
    await vi.waitFor(() => expect(queue.size).toBe(1_100));
    await redis.command('CONFIG', 'RESETSTAT');
    await Promise.all(guests.slice(1).map((guest) => queue.erase(guest)));
    expect(String(await redis.command('INFO', 'commandstats'))).toMatch(/cmdstat_zrange:calls=3,/);
    expect((await queue.next(10)).map(({ event }) => event.data.externalId)).toEqual(['guest 0']);
  });

  it('hands over no more than 500 in one go, however large a batch may be', async () => {
    const { queue } = await open(10_000);
    for (let i = 0; i < 501; i += 1) queue.offer(eventOf(`guest ${i}`, 'ISSUED'));
    await vi.waitFor(() => expect(queue.size).toBe(501));
    for (const count of [500, 1]) {
      const batch = await queue.next(10_000);
      expect(batch).toHaveLength(count);
      await queue.settle(batch, 'delivered');
    }
  });

  it('gets at close() what it could not take while Redis was away', async () => {
    const { redis, queue, store } = await open(10_000);
    await expect.poll(() => store.state).toBe('connected');
    await redis.kill();
    await expect.poll(() => store.state).toBe('unavailable');
    for (let i = 0; i < 10_000; i += 1) queue.offer(eventOf(`guest ${i}`, 'ISSUED'));
    await expect.poll(() => queue.size).toBe(10_000);
    await redis.start();
    await expect.poll(() => store.state, { timeout: 10_000 }).toBe('connected');
    expect(await queue.close()).toBe(0);
    const [events] = (await redis.command('KEYS', '*:events:*')) as string[];
    expect(await redis.command('ZCARD', events as string)).toBe(10_000);
  });

  it('keeps half of its room from a flood of forgetting', async () => {
    const { queue } = await open(10);
    for (let i = 0; i < 20; i += 1) {
      queue.offer(eventOf(`guest ${i}`, 'FORGOTTEN'));
    }
    await vi.waitFor(() => expect(queue.size).toBe(5));
    expect(queue.offer(eventOf('anna', 'FORGOTTEN'))).toBe(false);
    expect(queue.offer(eventOf('anna', 'ISSUED'))).toBe(true);
    await vi.waitFor(() => expect(queue.size).toBe(6));
  });
});
