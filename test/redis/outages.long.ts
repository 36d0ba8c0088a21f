// Redis gone, back, hung, full, read-only and flushed: guests still get their tokens, and the store is used again.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@genesys-guest/emulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { type Instance, startInstances } from './instances.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

const CONNECTED = 'info Redis is connected';
const GONE = 'warn Redis is unavailable: this instance works alone until it returns';

describeWithRedis('a Redis that fails', () => {
  let redis: RedisServer;
  let emulator: Emulator;
  let instances: Instance[] = [];
  const all = <T>(ask: (instance: Instance) => Promise<T>): Promise<T[]> => Promise.all(instances.map(ask));
  const upstream = { perMinute: 100_000, maxQueue: 10_000 };

  beforeEach(async () => {
    redis = await startRedis();
    emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
    instances = await startInstances(2, { url: redis.url, endpoints: emulator.endpoints, upstream });
  });
  afterEach(async () => {
    await all((instance) => instance[Symbol.asyncDispose]());
    await emulator.close();
    await redis[Symbol.asyncDispose]();
  });

  const said = async (instance: Instance, line: string, times: number): Promise<void> => {
    while ((await instance.log()).filter((entry) => entry === line).length < times) await sleep(20);
  };
  const load = (guests: number) =>
    Promise.all(
      instances.map((instance, i) => instance.load({ name: `load ${i}`, guests, atOnce: 10, pause: 10 })),
    );
  const expectNoFailure = async (loads: Promise<{ codes: object; distinct: number }[]>, guests: number) => {
    const each = { codes: { ok: guests }, distinct: guests };
    expect(await loads).toEqual([each, each]);
    expect((await all((instance) => instance.unhandled())).flat()).toEqual([]);
  };
  /** Both see the same token of a new guest, so both use the store. */
  const expectShared = async (externalId: string): Promise<void> => {
    const [one, two] = await all((instance) => instance.onboard(externalId));
    expect(one?.token).toMatch(/.+/);
    expect(two).toEqual(one);
  };

  it('killed in the middle of a load of distinct guests, and started again, fails no answer', async () => {
    const loads = load(1_000);
    await sleep(300);
    await redis.kill();
    await all((instance) => said(instance, GONE, 1));
    await expectNoFailure(loads, 1_000);
    await redis.start();
    await all((instance) => said(instance, CONNECTED, 2));
    await expectShared('anna');
  });

  it('killed and started ten times under load fails no answer', async () => {
    const loads = load(2_000);
    for (let times = 1; times <= 10; times += 1) {
      await redis.kill();
      await all((instance) => said(instance, GONE, times));
      await redis.start();
      await all((instance) => said(instance, CONNECTED, times + 1));
    }
    await expectNoFailure(loads, 2_000);
    await expectShared('anna');
  });

  it('hung is not waited for, and is used again when it goes on', async () => {
    process.kill(redis.pid, 'SIGSTOP');
    await expectNoFailure(load(200), 200);
    process.kill(redis.pid, 'SIGCONT');
    await all((instance) => said(instance, CONNECTED, 2));
    await expectShared('anna');
  });

  it.each([
    ['full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['read-only', ['REPLICAOF', '127.0.0.1', '9'], ['REPLICAOF', 'NO', 'ONE']],
  ])('%s is worked without until it takes writes again', async (_name, [...fail], [...heal]) => {
    await expectShared('before');
    await redis.command(...fail);
    await expectNoFailure(load(100), 100);
    await all((instance) => said(instance, GONE, 1));
    await redis.command(...heal);
    await all((instance) => said(instance, CONNECTED, 2));
    await expectShared('after');
  });

  it('flushed gets back what instances still hold, and nobody is issued another token', async () => {
    const [one, two] = instances as [Instance, Instance];
    const first = await one.onboard('anna');
    await redis.kill();
    await all((instance) => said(instance, GONE, 1));
    await redis.start();
    await all((instance) => said(instance, CONNECTED, 2));
    expect(await one.onboard('anna')).toEqual(first);
    await sleep(100);
    expect(await two.onboard('anna')).toEqual(first);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('gone while a guest is forgotten hears of it when it returns', async () => {
    await redis[Symbol.asyncDispose]();
    redis = await startRedis();
    await all((instance) => instance[Symbol.asyncDispose]());
    instances = await startInstances(2, { url: redis.url, endpoints: emulator.endpoints, upstream });
    const [one, two] = instances as [Instance, Instance];
    const first = await one.onboard('anna');
    expect(await two.onboard('anna')).toEqual(first);
    process.kill(redis.pid, 'SIGSTOP');
    expect(await one.forget('anna')).toBe(true);
    process.kill(redis.pid, 'SIGCONT');
    await said(one, CONNECTED, 2);
    await sleep(200);
    const anew = await two.onboard('anna');
    expect(anew.token).not.toBe(first.token);
    expect(await one.onboard('anna')).toEqual(anew);
  });
});
