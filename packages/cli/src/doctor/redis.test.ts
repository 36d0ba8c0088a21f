// The doctor on Redis: a real one, set up in ways that hurt.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findingsOf, GOOD_ENV, platform } from '../testing/doctor.ts';
import type { Status } from './check.ts';

const missing = spawnSync('redis-server', ['--version']).status !== 0;
if (missing && process.env['CI']) throw new Error('redis-server is not installed: these tests need it');
if (missing) console.warn('NOT TESTED: the doctor on Redis, as redis-server is not installed');

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** A Redis of this test alone; it ends with it. */
const startRedis = async (...options: readonly string[]): Promise<number> => {
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  });
  for await (const chunk of server.stdout) {
    if (String(chunk).includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  return port;
};

const PASSWORD = 'canary-redis-password';

const onRedis = async (port: number, credentials = '', ...flags: string[]) => {
  const emulator = await platform();
  const env = { ...GOOD_ENV, REDIS_URL: `redis://${credentials}127.0.0.1:${port}` };
  const verdict = await findingsOf(['--emulator', emulator.url, '--redis', 'env:REDIS_URL', ...flags], env);
  expect(verdict.out).not.toContain(PASSWORD);
  return { ...verdict, redis: verdict.findings.filter(({ check }) => check === 'redis') };
};

describe.skipIf(missing)('Redis', () => {
  it.each<[string, Status, RegExp]>([
    ['noeviction', 'pass', /noeviction: nothing of ours is dropped/],
    ['volatile-lru', 'warn', /volatile-lru: full, it drops the marks .* codes$/],
    ['allkeys-lru', 'warn', /allkeys-lru: full, it drops the marks .* undelivered events/],
  ])('is judged by its maxmemory-policy: %s', async (policy, status, cause) => {
    const { redis, ...verdict } = await onRedis(await startRedis('--maxmemory-policy', policy));
    expect(redis[0]).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(/^Redis \d.* answers in/),
    });
    expect(redis[1]).toMatchObject({ status, message: expect.stringMatching(cause) });
    expect(verdict.status).toBe(0);
  });

  it('names a wrong password, a missing one, and rights that are missing', async () => {
    const port = await startRedis('--requirepass', PASSWORD);
    expect((await onRedis(port, `:${PASSWORD}@`)).status).toBe(0);
    const wrong = await onRedis(port, `:not-${PASSWORD}@`);
    expect(wrong.status).toBe(1);
    expect(wrong.redis[0]).toMatchObject({ message: expect.stringMatching(/does not take the user name/) });
    const none = await onRedis(port);
    expect(none.redis[0]).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/wants a password/),
    });

    const cli = ['-p', String(port), '-a', PASSWORD, '--no-auth-warning'];
    execFileSync('redis-cli', [
      ...cli,
      'ACL',
      'SETUSER',
      'guest',
      'on',
      `>${PASSWORD}`,
      '~*',
      '&*',
      '+@read',
      '+ping',
      '+info',
      '+client',
      '+hello',
    ]);
    const poor = await onRedis(port, `guest:${PASSWORD}@`);
    expect(poor.redis.at(-1)).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(
        /does not let this user do what is needed: eval, on keys of genesys-guest:\*/,
      ),
      fix: expect.stringMatching(/ACL SETUSER/),
    });
    execFileSync('redis-cli', [
      ...cli,
      'ACL',
      'SETUSER',
      'right',
      'on',
      `>${PASSWORD}`,
      '~site:*',
      '+@read',
      '+@write',
      '+@scripting',
      '+@connection',
      '+info',
      '+time',
    ]);
    expect(
      (await onRedis(port, `right:${PASSWORD}@`, '--redis-prefix', 'site')).redis.map(({ status }) => status),
    ).toEqual(['pass', 'pass']);
  });

  it('names one that takes no writes', async () => {
    const { redis } = await onRedis(
      await startRedis('--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'yes'),
    );
    expect(redis.at(-1)).toMatchObject({ status: 'fail', message: expect.stringMatching(/replica/) });
  });
});

describe('Redis that is not there', () => {
  it('is named, with what it costs', async () => {
    const { redis, status } = await onRedis(await freePort());
    expect(status).toBe(1);
    expect(redis).toEqual([
      expect.objectContaining({
        status: 'fail',
        message: expect.stringMatching(/refuses connections/),
        fix: expect.stringMatching(/each instance issues its own tokens/),
      }),
    ]);
  });

  it('warns of a password on the command line', async () => {
    const emulator = await platform();
    const url = `redis://:${PASSWORD}@127.0.0.1:${await freePort()}`;
    const { findings, out } = await findingsOf(['--emulator', emulator.url, '--redis', url]);
    expect(findings.find(({ message }) => /command line/.test(message))).toMatchObject({
      status: 'warn',
      fix: expect.stringMatching(/env:REDIS_URL/),
    });
    expect(out).not.toContain(PASSWORD);
  });
});
