// `genesys-guest erase` as an operator runs it, beside a site that shares its Redis.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { expect, it } from 'vitest';
import { describeWithRedis, startRedis } from '../../packages/server/src/testing/redis.ts';

const CLI = new URL('../../packages/cli/dist/cli.js', import.meta.url).pathname;
const SECRET = 'a secret of the site that is long enough';
const ENV = {
  PATH: process.env['PATH'],
  GENESYSCLOUD_REGION: 'eu-west-1',
  GENESYS_GUEST_WEBCHAT_ID: 'support',
  GENESYS_GUEST_SECRETS: SECRET,
};

describeWithRedis('genesys-guest erase', () => {
  it('leaves nothing of the person in any webchat, and everything of the others', async () => {
    await using redis = await startRedis();
    await using emulator = await startEmulator();
    const open = (webchatId: string) =>
      createGuestTokens({
        region: 'eu-west-1',
        clientId: 'emulator-client',
        clientSecret: 'emulator-secret',
        webchatId,
        endpoints: emulator.endpoints,
        secrets: [SECRET],
        store: redisStore({ url: redis.url }),
        logger: console,
      });
    const shop = open('shop');
    const support = open('support');
    await expect.poll(() => shop.telemetry().store).toBe('connected');
    const first = await shop.onboard({ externalId: 'anna' });
    await shop.onboard({ externalId: 'bert' });
    await support.onboard({ externalId: 'anna' });
    await Promise.all([shop.close(), support.close()]);

    const child = spawn(
      CLI,
      ['erase', '-', '--redis', 'env:REDIS_URL', '--guest-tokens-url', emulator.endpoints.guestTokens],
      {
        env: { ...ENV, REDIS_URL: redis.url },
      },
    );
    child.stdin.end('anna\n');
    const [out, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    expect([code, said]).toEqual([0, 'Erased.\n']);
    expect(JSON.parse(out)).toMatchObject({
      action: 'ERASED',
      externalId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });

    const after = open('shop');
    await expect.poll(() => after.telemetry().store).toBe('connected');
    const calls = () => after.telemetry().upstreamCalls;
    await after.onboard({ externalId: 'bert' });
    expect(calls()).toBe(0);
    expect((await after.onboard({ externalId: 'anna' })).guestToken).not.toBe(first.guestToken);
    expect(calls()).toBe(1);
    await after.close();
  });

  it('ends with 1 where what lies there was written with other secrets', async () => {
    await using redis = await startRedis();
    await using emulator = await startEmulator();
    const site = createGuestTokens({
      region: 'eu-west-1',
      clientId: 'emulator-client',
      clientSecret: 'emulator-secret',
      webchatId: 'support',
      endpoints: emulator.endpoints,
      secrets: ['another secret, and it is long enough'],
      store: redisStore({ url: redis.url }),
      logger: console,
    });
    await expect.poll(() => site.telemetry().store).toBe('connected');
    await site.onboard({ externalId: 'anna' });
    await site.close();
    const asked = promisify(execFile)(CLI, ['erase', 'anna', '--redis', redis.url], { env: ENV });
    await expect(asked).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('GENESYS_GUEST_SECRETS are those of the site'),
    });
  });

  it('ends with 1 where Redis does not answer, and with 2 where it is used wrongly', async () => {
    const run = (...args: string[]) => {
      const running = promisify(execFile)(CLI, ['erase', ...args], { env: ENV });
      return Object.assign(
        running.catch((error) => error),
        { child: running.child },
      );
    };
    expect(await run('anna', '--redis', 'redis://127.0.0.1:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ask again'),
    });
    const listed = run('-', '--redis', 'redis://127.0.0.1:1');
    listed.child.stdin?.end('anna\nbert\n');
    expect(await listed).toMatchObject({ code: 2, stderr: expect.stringContaining('on one line') });
    for (const [args, words] of [
      [['anna'], '--redis is missing'],
      [['--redis', 'redis://127.0.0.1:1'], 'give one externalId'],
      [['anna', '--redis', 'env:NOWHERE'], 'NOWHERE, which is not set'],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });
});
