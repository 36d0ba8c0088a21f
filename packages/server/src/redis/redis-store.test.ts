// The store's own options, and a client that stays the site's.
import { createClient } from '@redis/client';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../lib/errors.ts';
import { describeWithRedis, startRedis } from '../testing/redis.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';
import type { RedisClient } from './redis-client.ts';
import { redisStore } from './redis-store.ts';

const secrets = ['a secret of the site, long enough'];

const fieldsOf = (options: unknown): string[] => {
  try {
    redisStore(options as never);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.errors.map(({ field }) => field);
    throw error;
  }
};

describe('options', () => {
  const client: RedisClient = createClient();
  it.each([
    [{ url: 'redis://localhost' }, []],
    [{ url: 'rediss://user:password@redis.example.com:6380/1', prefix: 'site', max: 10 }, []],
    [{ client }, []],
    [undefined, ['store']],
    [{}, ['store']],
    [{ url: 'redis://localhost', client }, ['store']],
    [{ url: 'localhost:6379' }, ['store.url']],
    [{ url: 6379 }, ['store.url']],
    [{ client: {} }, ['store.client']],
    [{ url: 'redis://localhost', prefix: 'a {b}', max: 0 }, ['store.prefix', 'store.max']],
  ])('%# are judged', (options, fields) => {
    expect(fieldsOf(options)).toEqual(fields);
  });

  it('are never quoted: a URL may hold a password', () => {
    expect(() => redisStore({ url: 'http://user:hunter2@redis' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describeWithRedis('a client of the site', () => {
  it('is used, and stays open when the store closes', async () => {
    const connect = await startRedis();
    const client = await connect();
    const listeners = () => client.eventNames().map((name) => client.listenerCount(name));
    const before = listeners();
    const { service } = await startRig({ store: redisStore({ client }), secrets });
    await service.obtain(WEBCHAT, { externalId: 'anna' });
    expect(service.health().store).toBe('connected');
    await service.close();
    expect(listeners()).toEqual(before);
    expect(await client.ping()).toBe('PONG');
  });

  it('shares what addresses caused', async () => {
    const connect = await startRedis();
    const [one, two] = await Promise.all(
      [await connect(), await connect()].map((client) =>
        startRig({ store: redisStore({ client }), secrets }),
      ),
    );
    const consume = (rig: typeof one) =>
      rig?.counter?.consume([{ name: 'address 203.0.113.7', limit: 2, window: 60_000 }]);
    expect([await consume(one), await consume(two)]).toEqual([{ count: 1 }, { count: 2 }]);
    for (const rig of [one, two]) {
      expect((await consume(rig))?.retryAfter).toBeGreaterThan(50);
    }
  });
});

describe('a Redis that is not there', () => {
  it('keeps no site from starting, no guest from a token, and close() from nothing', async () => {
    const { service } = await startRig({ store: redisStore({ url: 'redis://127.0.0.1:9' }), secrets });
    expect((await service.obtain(WEBCHAT, { externalId: 'anna' })).token.externalId).toBe('anna');
    expect(service.health()).toMatchObject({ ready: true, store: 'unavailable' });
    expect(await service.forget(WEBCHAT, 'anna')).toBe(true);
  });
});
