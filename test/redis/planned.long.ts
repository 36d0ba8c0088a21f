// Work on Redis that an operator plans, under load: a Sentinel failover, and slots of a cluster that move.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { fromIoredis, type RedisClient, redisStore } from '@genesys-guest/server/redis';
import { createClient, createCluster, createSentinel } from '@redis/client';
import { Cluster } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithRedis } from '../../packages/server/src/testing/redis.ts';
import { startCluster, startSentinel } from '../../packages/server/src/testing/redis-topologies.ts';
import { emulated } from '../emulated.ts';
import { SECRET } from './instances.ts';

const host = '127.0.0.1';
const urlOf = (port: number) => `redis://${host}:${port}`;

/** A server of Redis, or a Sentinel, with a connection that ends with the test. */
const connectTo = async (port: number) => {
  const client = createClient({ url: urlOf(port) }).on('error', () => {});
  onTestFinished(() => client.destroy());
  await client.connect();
  const send = (...args: string[]) => client.sendCommand(args);
  return {
    port,
    send,
    keys: async (pattern: string) => (await send('KEYS', pattern)) as unknown as string[],
    /** The number that this finds in `INFO`. */
    info: async (about: string, what: RegExp) =>
      Number(what.exec(String(await send('INFO', about)))?.[1] ?? 0),
  };
};

type Server = Awaited<ReturnType<typeof connectTo>>;

/** Two instances on one Redis, who are asked for each guest at once. */
const startSite = async (perMinute: number, open: () => RedisClient) => {
  const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
  const instances = [1, 2].map(() =>
    createGuestTokens({
      ...emulated(emulator),
      webchatId: 'chat',
      secrets: [SECRET],
      upstream: { perMinute, instances: 2 },
      store: redisStore({ client: open() }),
    }),
  );
  onTestFinished(async () => {
    for (const tokens of instances) await tokens.close();
    await emulator.close();
  });
  let asked = 0;
  const onboard = (externalId: string) => {
    asked += instances.length;
    return Promise.all(instances.map(async (tokens) => (await tokens.onboard({ externalId })).guestToken));
  };
  const isShared = async (externalId: string): Promise<boolean> => {
    const [one, two] = await onboard(externalId);
    return one === two;
  };
  /** @returns what ends the load, and throws what it has met */
  const load = () => {
    let isOver = false;
    const run = async (): Promise<void> => {
      for (let i = 0; !isOver; i += 1) {
        await onboard(i % 8 === 0 ? `newcomer ${i}` : 'known');
        await sleep(10);
      }
    };
    const running = run();
    running.catch(() => {});
    return async () => {
      isOver = true;
      await running;
    };
  };
  return { emulator, onboard, isShared, load, asked: () => asked };
};

describeWithRedis('under load', () => {
  it('a planned Sentinel failover fails no answer, and every call is counted after it', async () => {
    const perMinute = 300;
    const topology = await startSentinel();
    onTestFinished(() => topology[Symbol.asyncDispose]());
    const sentinel = await connectTo(topology.ports[0] as number);
    const primary = async (): Promise<Server> => {
      const [, port] = (await sentinel.send(
        'SENTINEL',
        'GET-MASTER-ADDR-BY-NAME',
        'main',
      )) as unknown as string[];
      return connectTo(Number(port));
    };
    const site = await startSite(perMinute, () =>
      createSentinel({ name: 'main', sentinelRootNodes: [{ host, port: sentinel.port }] }).on(
        'error',
        () => {},
      ),
    );
    expect(await site.isShared('known')).toBe(true);
    const old = await primary();
    const end = site.load();
    await sentinel.send('SENTINEL', 'FAILOVER', 'main');
    // The Sentinel ends the old one's connections as it demotes it.
    const isReplica = async () => String(await old.send('ROLE').catch(() => '')).startsWith('slave');
    while (!(await isReplica())) await sleep(50);
    const { port, keys, send } = await primary();
    expect(port).not.toBe(old.port);
    // Writable again: what is new is shared, and lies in the new primary.
    const stored = async () => (await keys('*:guest-token:*')).length;
    const before = await stored();
    for (let i = 0; !(await site.isShared(`after ${i}`)) || (await stored()) <= before; i += 1)
      await sleep(50);
    await end();

    // Calls that were lost with the old one, or made without Redis, are told again.
    const calls = async () => Number(await send('ZCARD', (await keys('*:calls:*'))[0] as string));
    const made = () => site.emulator.stats().busiestMinute.all;
    await expect.poll(calls).toBe(made());
    console.log(`Sentinel failover: ${site.asked()} answers, 0 failed; ${made()} calls, all of them counted`);
    const refusals: unknown[] = [];
    for (let i = 0; refusals.length === 0; i += 1) {
      await site.onboard(`one more ${i}`).catch((error) => refusals.push(error.code));
    }
    expect(refusals).toEqual(['upstream_limited']);
    expect(made()).toBeLessThanOrEqual(perMinute);
  });

  it.each<[string, (ports: readonly number[]) => RedisClient]>([
    [
      "node-redis' cluster",
      (ports) =>
        createCluster({ rootNodes: ports.map((port) => ({ url: urlOf(port) })) }).on('error', () => {}),
    ],
    [
      "ioredis' cluster",
      (ports) =>
        fromIoredis(
          new Cluster(
            ports.map((port) => ({ host, port })),
            { lazyConnect: true },
          ),
        ),
    ],
  ])('%s: slots that move fail no answer, and no guest is issued two tokens', async (_name, open) => {
    const topology = await startCluster();
    onTestFinished(() => topology[Symbol.asyncDispose]());
    const nodes = await Promise.all(topology.ports.map(connectTo));
    const site = await startSite(100_000, () => open(topology.ports));
    expect(await site.isShared('known')).toBe(true);
    const slotOf = async (pattern: string) => {
      const [key = ''] = (await Promise.all(nodes.map(({ keys }) => keys(pattern)))).flat();
      return Number(await nodes[0]?.send('CLUSTER', 'KEYSLOT', key));
    };
    const [budget, guest] = [await slotOf('*:calls:*'), await slotOf('*:guest-token:*')];
    const end = site.load();
    const neighbours = neighboursOf('known', site.emulator.endpoints.guestTokens);
    for (const [slot, newcomer] of [
      [budget, (i: number) => `of any slot ${i}`],
      [guest, () => neighbours.next().value as string],
    ] as const) {
      for (let i = 0; i < 3; i += 1) {
        const tokens: ReturnType<typeof site.onboard>[] = [];
        await moveSlot(nodes, slot, async (haveBeenMet) => {
          tokens.push(site.onboard(newcomer(2 * i)), site.onboard(newcomer(2 * i + 1)));
          await haveBeenMet();
        });
        for (const [one, two] of await Promise.all(tokens)) expect(one).toBe(two);
      }
    }
    await end();
    const { max, guests } = site.emulator.stats().perGuest;
    console.log(`slots that move: ${site.asked()} answers for ${guests} guests, 0 failed`);
    expect(max).toBe(1);
  });
});

/** Guests whose keys lie in this guest's slot. */
function* neighboursOf(externalId: string, endpoint: string): Generator<string> {
  const tagOf = (guest: string) =>
    createHash('sha256')
      .update(JSON.stringify(['guest', endpoint, 'chat', guest]))
      .digest('base64url')
      .slice(0, 2);
  const tag = tagOf(externalId);
  for (let i = 0; ; i += 1) if (tagOf(`neighbour ${i}`) === tag) yield `neighbour ${i}`;
}

/**
 * Moves a slot to the next node, as `redis-cli --cluster reshard` does.
 * @param meets comes upon the move, and goes on when that has happened
 */
const moveSlot = async (
  nodes: readonly Server[],
  slot: number,
  meets: (haveBeenMet: () => Promise<void>) => Promise<void>,
): Promise<void> => {
  const tell = (node: Server, ...args: string[]) =>
    node.send('CLUSTER', args[0] as string, String(slot), ...args.slice(1));
  const mine = await Promise.all(
    nodes.map(async (node) => ((await tell(node, 'GETKEYSINSLOT', '1')) as unknown as string[]).length),
  );
  const at = mine.findIndex((keys) => keys > 0);
  const [source, target, other] = [0, 1, 2].map((i) => nodes[(at + i) % 3]) as [Server, Server, Server];
  const [from, to] = await Promise.all(
    [source, target].map(async ({ send }) => String(await send('CLUSTER', 'MYID'))),
  );
  const met = async () => {
    const counts = nodes.map(({ info }) => info('errorstats', /errorstat_TRYAGAIN:count=(\d+)/));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  const before = await met();
  await tell(target, 'SETSLOT', 'IMPORTING', from as string);
  await tell(source, 'SETSLOT', 'MIGRATING', to as string);
  await meets(async () => {
    while ((await met()) === before) await sleep(1);
  });
  const keys = (await tell(source, 'GETKEYSINSLOT', '100')) as unknown as string[];
  await source.send('MIGRATE', host, String(target.port), '', '0', '5000', 'KEYS', ...keys);
  for (const node of [target, source, other]) await tell(node, 'SETSLOT', 'NODE', to as string);
};
