// Every kind of Redis client that a site may have, on real servers, with a master killed under load.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { fromIoredis, type RedisClient, redisStore } from '@genesys-guest/server/redis';
import { createClient, createCluster, createSentinel } from '@redis/client';
import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { describeWithRedis, startRedis } from '../../packages/server/src/testing/redis.ts';
import {
  startCluster,
  startSentinel,
  type Topology,
} from '../../packages/server/src/testing/redis-topologies.ts';
import { emulated } from '../emulated.ts';
import { SECRET } from './instances.ts';

const startSingle = async (): Promise<Topology> => {
  const redis = await startRedis();
  return {
    ports: [redis.port],
    failOver: async () => {
      await redis.kill();
      await redis.start();
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
};

const host = '127.0.0.1';
const nodesOf = (ports: readonly number[]) => ports.map((port) => ({ host, port }));
const quietly = (redis: Redis | Cluster): RedisClient => {
  redis.on('error', () => {});
  return fromIoredis(redis);
};

describeWithRedis('a store by a client of the site', () => {
  it.each<[string, () => Promise<Topology>, (ports: readonly number[]) => RedisClient]>([
    [
      "node-redis' client",
      startSingle,
      ([port]) => createClient({ url: `redis://${host}:${port}` }).on('error', () => {}),
    ],
    [
      "node-redis' sentinel",
      startSentinel,
      (ports) => createSentinel({ name: 'main', sentinelRootNodes: nodesOf(ports) }).on('error', () => {}),
    ],
    [
      "node-redis' cluster",
      startCluster,
      (ports) =>
        createCluster({ rootNodes: ports.map((port) => ({ url: `redis://${host}:${port}` })) }).on(
          'error',
          () => {},
        ),
    ],
    [
      'ioredis',
      startSingle,
      ([port]) => quietly(new Redis({ host, port: port as number, lazyConnect: true })),
    ],
    [
      'ioredis behind Sentinel',
      startSentinel,
      (ports) => quietly(new Redis({ name: 'main', sentinels: nodesOf(ports), lazyConnect: true })),
    ],
    [
      "ioredis' cluster",
      startCluster,
      (ports) => quietly(new Cluster(nodesOf(ports), { lazyConnect: true })),
    ],
  ])('%s fails no answer while a master is killed, and shares again', async (_name, start, open) => {
    await using topology = await start();
    const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
    const log: string[] = [];
    const note = (message: unknown) => void log.push(String(message));
    const instances = [1, 2].map(() =>
      createGuestTokens({
        ...emulated(emulator),
        webchatId: 'chat',
        secrets: [SECRET],
        upstream: { perMinute: 100_000 },
        store: redisStore({ client: open(topology.ports) }),
        logger: { debug: () => {}, info: note, warn: note, error: note },
      }),
    );
    const [one, two] = instances;
    const onboard = async (tokens: typeof one, externalId: string) =>
      (await tokens?.onboard({ externalId }))?.guestToken;
    /** Whoever is asked, so many guests have one token each: in each slot of a cluster. */
    const areShared = async (name: string): Promise<boolean> => {
      const guests = Array.from({ length: 12 }, (_, i) => `${name} ${i}`);
      const first = await Promise.all(guests.map((guest) => onboard(one, guest)));
      const second = await Promise.all(guests.map((guest) => onboard(two, guest)));
      return first.every((token, i) => token !== undefined && token === second[i]);
    };
    try {
      expect(await areShared('before')).toBe(true);
      let isOver = false;
      const load = async (tokens: typeof one, name: string): Promise<void> => {
        for (let i = 0; !isOver; i += 1) {
          expect(await onboard(tokens, `${name} ${i}`)).toMatch(/.+/);
          await sleep(5);
        }
      };
      const loads = Promise.all([load(one, 'one'), load(two, 'two')]);
      await topology.failOver();
      let rounds = 0;
      while (!(await areShared(`after ${rounds}`))) {
        rounds += 1;
        await sleep(100);
      }
      isOver = true;
      await loads;
      expect(log.filter((line) => line.includes('unavailable')).length).toBeGreaterThan(0);
    } finally {
      for (const tokens of instances) await tokens.close();
      await emulator.close();
    }
  });
});
