// For tests: a Redis behind Sentinel with a replica, and a cluster of three nodes, on loopback.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type RedisServer, sendTo, startRedis } from './redis.ts';

export interface Topology {
  /** Ports to begin with: Sentinel's, or the nodes'. */
  readonly ports: readonly number[];
  /** Kills a master. Resolves when another, or it again, serves what it served. */
  failOver(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo().catch(() => false))) await sleep(50);
};

const endAll = async (servers: readonly RedisServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
};

export const startSentinel = async (): Promise<Topology> => {
  const master = await startRedis();
  const replica = await startRedis('--replicaof', '127.0.0.1', String(master.port));
  await until(async () => String(await replica.command('INFO', 'replication')).includes('link_status:up'));
  const [port, dir] = [await freePort(), await mkdtemp(join(tmpdir(), 'genesys-guest-sentinel-'))];
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 3000',
  ];
  await writeFile(join(dir, 'sentinel.conf'), lines.join('\n'));
  const sentinel = spawn('redis-server', [join(dir, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
  const ask = (...args: string[]) => sendTo(`redis://127.0.0.1:${port}`, args);
  await until(async () => String(await ask('INFO', 'sentinel')).includes('slaves=1'));
  return {
    ports: [port],
    failOver: async () => {
      await master.kill();
      await until(async () => String(await replica.command('INFO', 'replication')).includes('role:master'));
    },
    [Symbol.asyncDispose]: async () => {
      sentinel.kill('SIGKILL');
      await once(sentinel, 'exit');
      await endAll([master, replica]);
      await rm(dir, { recursive: true, force: true });
    },
  };
};

export const startCluster = async (): Promise<Topology> => {
  const busPorts = await Promise.all([freePort(), freePort(), freePort()]);
  const nodes = await Promise.all(
    busPorts.map((port) =>
      startRedis(
        ...['--cluster-enabled', 'yes', '--cluster-port', String(port), '--cluster-node-timeout', '1000'],
        // A node that is started again has its slots still.
        ...['--cluster-require-full-coverage', 'no'],
      ),
    ),
  );
  const [first, second] = nodes as [RedisServer, RedisServer];
  const slots = [0, 5_461, 10_923, 16_384];
  for (const [i, node] of nodes.entries()) {
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(slots[i]), String((slots[i + 1] as number) - 1));
    await first.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[i]));
  }
  const isWhole = async (): Promise<boolean> => {
    const infos = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    return infos.every((info) =>
      /cluster_state:ok[\s\S]*cluster_slots_ok:16384[\s\S]*known_nodes:3/.test(String(info)),
    );
  };
  await until(isWhole);
  return {
    ports: nodes.map(({ port }) => port),
    failOver: async () => {
      await second.kill();
      await sleep(1_500);
      await second.start();
      await until(isWhole);
    },
    [Symbol.asyncDispose]: () => endAll(nodes),
  };
};
