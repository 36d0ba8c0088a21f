// For tests: a Redis that ends with the test, on a socket in a folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Starts a Redis; the returned function connects another client to it. */
export const startRedis = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'genesys-guest-redis-'));
  const path = join(dir, 'redis.sock');
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--dir', dir, '--save', ''], {
    stdio: 'ignore',
  });
  const clients: { destroy(): void }[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    await rm(dir, { recursive: true, force: true });
  });
  return async () => {
    const client = createClient({ socket: { path, tls: false, reconnectStrategy: 20 } });
    clients.push(client);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
};
