// For tests: a Redis of its own for each, on a free port, in a folder that goes with it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { describe, onTestFinished } from 'vitest';

const isInstalled = (() => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** `describe` where there is a Redis to start; else it says so by name, and fails where nothing may be left out. */
export const describeWithRedis = (name: string, tests: () => void): void => {
  if (isInstalled) describe(name, tests);
  else if (process.env['CI']) throw new Error(`${name}: redis-server is not installed`);
  else {
    console.warn(`NOT RUN, as redis-server is not installed: ${name}`);
    describe.skip(name, tests);
  }
};

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it without a word, as a machine that fails. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Sends one command. */
  command(...args: string[]): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
};

/** Sends one command to a Redis. */
export const sendTo = async (url: string, args: string[]): Promise<unknown> => {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
};

/** @param flags of redis-server; without `--save` and the like it forgets everything when it ends */
export const startRedis = async (...flags: string[]): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'genesys-guest-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ReturnType<typeof spawn> | undefined;
  const command = (...args: string[]) => sendTo(url, args);
  const answers = async (): Promise<boolean> => {
    try {
      return (await command('PING')) === 'PONG';
    } catch {
      return false;
    }
  };
  const start = async (): Promise<void> => {
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
    server = spawn('redis-server', [...fixed, ...flags], { stdio: 'ignore' });
    while (!(await answers())) await sleep(20);
  };
  const kill = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  await start();
  return {
    url,
    port,
    get pid() {
      return server?.pid as number;
    },
    kill,
    start,
    command,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** One that ends with the test. */
export const startTestRedis = async (...flags: string[]): Promise<RedisServer> => {
  const redis = await startRedis(...flags);
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return redis;
};

/** A connected client that ends with the test. */
export const connectTo = async ({ url }: RedisServer) => {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } });
  onTestFinished(() => client.destroy());
  client.on('error', () => {});
  await client.connect();
  return client;
};
