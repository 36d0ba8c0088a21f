// The store's own options, and a client that stays the site's.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigurationError } from '../lib/errors.ts';
import type { Log } from '../observe/log.ts';
import { guest, issuing, openStore, tokenOf } from '../testing/open-store.ts';
import { connectTo, describeWithRedis, startTestRedis } from '../testing/redis.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';
import type { RedisClient } from './connection.ts';
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
    [{ url: 'redis://user:100%25@localhost' }, []],
    [{ url: 'redis://user:100%@localhost' }, ['store.url']],
    [{ url: 'redis://localhost/3' }, []],
    [{ url: 'redis://localhost/sessions' }, ['store.url']],
    [{ url: 'redis:localhost' }, ['store.url']],
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
  it('is doubled, and left alone', async () => {
    const client = await connectTo(await startTestRedis());
    const listeners = () => client.eventNames().map((name) => client.listenerCount(name));
    const before = listeners();
    const { service } = await startRig({ store: redisStore({ client }), secrets });
    await service.renew(WEBCHAT, { externalId: 'anna' }, { mayAge: true });
    expect(service.health().store).toBe('connected');
    expect(listeners()).toEqual(before);
    await service.close();
    expect(await client.ping()).toBe('PONG');
  });
});

describeWithRedis('addresses', () => {
  it('are counted across instances, each for a minute, whatever a stranger wrote there', async () => {
    const redis = await startTestRedis();
    const open = () => startRig({ store: redisStore({ url: redis.url }), secrets });
    const [one, two] = [await open(), await open()];
    const consume = (rig: typeof one, address = '203.0.113.7') =>
      rig.counter?.consume({ name: `address ${address}`, limit: 2, window: 60_000 });
    expect([await consume(one), await consume(two)]).toEqual([undefined, undefined]);
    expect(await consume(one)).toBeGreaterThan(50);
    expect(await consume(two)).toBeGreaterThan(50);
    expect(await consume(one, '203.0.113.8')).toBeUndefined();
    for (const name of (await redis.command('KEYS', '*:count:*')) as string[]) {
      await redis.command('SET', name, '-1e300', 'PX', '31536000000');
    }
    await consume(one, '203.0.113.8');
    for (const rig of [one, two]) await consume(rig);
    for (const name of (await redis.command('KEYS', '*:count:*')) as string[]) {
      expect(await redis.command('PTTL', name)).toBeLessThanOrEqual(60_000);
    }
  });
});

describeWithRedis('a user of few rights', () => {
  /** As the guide tells operators. */
  const guide = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8');
  const [, keys = '', listed = ''] =
    /ACL SETUSER \S+ on \S+ resetkeys (\S+) resetchannels -@all (.+)/.exec(guide) ?? [];
  const RIGHTS = listed.split(' ').map((right) => right.slice(1));

  it('is enough, and each right that is missing is named, with nothing taken for shared', async () => {
    const redis = await startTestRedis();
    const lacking = async (missing: string): Promise<string> => {
      const rights = RIGHTS.filter((right) => right !== missing).map((right) => `+${right}`);
      const user = `lacks-${missing || 'nothing'}`;
      await redis.command('ACL', 'SETUSER', user, 'on', '>password', keys, '-@all', ...rights);
      const url = redis.url.replace('//', `//${user}:password@`);
      return new Promise((resolve) => {
        const log: Log = (_level, message, fields) =>
          resolve(`${message} ${fields?.['reason'] ?? ''}`.trim());
        openStore(url, { log });
      });
    };
    expect(await lacking('')).toBe('Redis is connected');
    for (const right of RIGHTS) {
      expect(await lacking(right)).toMatch(new RegExp(`unavailable.* NOPERM ${right}$`));
    }
  });

  it('that is away is told of with host and port, and with what to do', async () => {
    const fields = await new Promise((resolve) => {
      openStore('redis://127.0.0.1:1', { log: (_level, _message, more) => resolve(more) });
    });
    expect(fields).toEqual({
      reason: 'ECONNREFUSED',
      at: '127.0.0.1:1',
      what: 'refuses connections: nobody listens on this port',
      fix: expect.stringMatching(/^Check host and port/),
    });
  });
});

describeWithRedis('a planned failover', () => {
  it('of a name that leads to another Redis by now, with the connection kept, is over within seconds', async () => {
    const [first, second] = [await startTestRedis(), await startTestRedis()];
    let target = first.port;
    const proxy = createServer((socket) => {
      const through = connect(target, '127.0.0.1');
      for (const [from, to] of [[socket, through] as const, [through, socket] as const]) {
        from.pipe(to).on('error', () => from.destroy());
        from.on('error', () => to.destroy());
      }
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as { port: number };
    const store = openStore(`redis://127.0.0.1:${port}`);
    const take = (name: string) =>
      store.issue(
        guest(name),
        issuing(async () => tokenOf(guest(name), `of ${name}`)),
      );
    await take('anna');
    target = second.port;
    await first.command('REPLICAOF', '127.0.0.1', String(second.port));
    for (let i = 0; ((await second.command('KEYS', '*:guest-token:*')) as string[]).length === 0; i += 1) {
      expect((await take(`guest ${i}`)).token).toBe(`of guest ${i}`);
      await sleep(20);
    }
    expect(store.state).toBe('connected');
  });
});

describeWithRedis('the cost', () => {
  it('of a first token is three scripts, and of a look one command', async () => {
    const redis = await startTestRedis();
    const store = openStore(redis.url);
    const take = (name: string) =>
      store.issue(
        guest(name),
        issuing(async () => {
          await store.shared.slidingWindow.take('known');
          return tokenOf(guest(name), name);
        }),
      );
    const calls = async () => {
      const stats = String(await redis.command('INFO', 'commandstats'));
      const of = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      return { scripts: of('eval'), published: of('publish') };
    };
    await take('warm-up');
    const before = await calls();
    for (let i = 0; i < 10; i += 1) await take(`guest ${i}`);
    const after = await calls();
    expect(after).toEqual({ scripts: before.scripts + 30, published: 0 });
    for (let i = 0; i < 10; i += 1) await store.find(guest(`guest ${i}`));
    expect(await calls()).toEqual(after);
  });
});

describe('a Redis that is not there', () => {
  it('keeps no site from starting, no guest from a token, and close() from nothing', async () => {
    const { service } = await startRig({ store: redisStore({ url: 'redis://127.0.0.1:9' }), secrets });
    expect((await service.renew(WEBCHAT, { externalId: 'anna' }, { mayAge: true })).token.externalId).toBe(
      'anna',
    );
    expect(service.health()).toMatchObject({ ready: true, store: 'unavailable' });
    expect(await service.forget(WEBCHAT, 'anna')).toBe(true);
  });
});
