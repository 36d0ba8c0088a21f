// One maker for each guest across processes; nobody waits long for one that died; a restart issues nothing anew.
import { startEmulator } from '@genesys-guest/emulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { type Instance, startInstance, startInstances } from './instances.ts';

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

describeWithRedis('many processes, one Redis', () => {
  let redis: RedisServer;
  let emulator: Emulator;
  let instances: Instance[] = [];
  const all = <T>(ask: (instance: Instance) => Promise<T>): Promise<T[]> => Promise.all(instances.map(ask));
  const start = async (count: number, options = {}): Promise<void> => {
    instances = await startInstances(count, { url: redis.url, endpoints: emulator.endpoints, ...options });
  };

  beforeEach(async () => {
    redis = await startRedis();
    emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
  });
  afterEach(async () => {
    await all((instance) => instance[Symbol.asyncDispose]());
    instances = [];
    await emulator.close();
    await redis[Symbol.asyncDispose]();
  });

  it('make one OAuth call and one guest-token call for 4 x 2,500 simultaneous calls for one new guest', async () => {
    await start(4);
    const tallies = await all((instance) => instance.stampede('anna', 2_500));
    expect(tallies.map(({ codes }) => codes)).toEqual(Array(4).fill({ ok: 2_500 }));
    expect(new Set(tallies.flatMap(({ tokens }) => tokens)).size).toBe(1);
    expect(emulator.stats()).toMatchObject({ oauthToken: 1, guestTokens: 1 });
    expect((await all((instance) => instance.unhandled())).flat()).toEqual([]);
  });

  it('give a token within 5 s to those who waited for a maker that was killed', async () => {
    await start(3);
    await all((instance) => instance.onboard('warm-up'));
    emulator.fault({ call: 'guestTokens', fault: 'hang' });
    const [maker, ...others] = instances as [Instance, ...Instance[]];
    maker.onboard('anna').catch(() => {});
    while (emulator.stats().guestTokens < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const waiting = others.map((instance) => instance.onboard('anna'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const killedAt = performance.now();
    maker.process.kill('SIGKILL');
    const answers = await Promise.all(waiting);
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    expect(answers[0]?.token).toMatch(/.+/);
    expect(answers[1]).toEqual(answers[0]);
    expect(emulator.stats().guestTokens).toBe(3);
  });

  it('issue no token again after a restart', async () => {
    await start(2);
    const before = await all((instance) => instance.load({ name: 'guest', guests: 50, atOnce: 25 }));
    expect(before.map(({ codes }) => codes)).toEqual(Array(2).fill({ ok: 50 }));
    await all((instance) => instance.close());
    await start(2);
    const after = await all((instance) => instance.load({ name: 'guest', guests: 50, atOnce: 25 }));
    expect(after.map(({ codes }) => codes)).toEqual(Array(2).fill({ ok: 50 }));
    expect(emulator.stats()).toMatchObject({ oauthToken: 1, guestTokens: 50 });
  });

  it('forget a guest in all of them', async () => {
    await start(2);
    const [one, two] = instances as [Instance, Instance];
    const first = await one.onboard('anna');
    expect(await two.onboard('anna')).toEqual(first);
    expect(await one.forget('anna')).toBe(true);
    const second = await two.onboard('anna');
    expect(second.token).not.toBe(first.token);
    expect(await one.onboard('anna')).toEqual(second);
  });

  it('do not bring back what was forgotten while another was making it', async () => {
    await start(2);
    await all((instance) => instance.onboard('warm-up'));
    emulator.fault({ call: 'guestTokens', fault: 'delay', ms: 600 });
    const [one, two] = instances as [Instance, Instance];
    const late = one.onboard('anna');
    while (emulator.stats().guestTokens < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await two.forget('anna');
    const { token } = await late;
    const anew = await two.onboard('anna');
    expect(anew.token).not.toBe(token);
    expect(await one.onboard('anna')).toEqual(anew);
  });

  it('lose nobody while the secrets are rotated, half of them a step ahead', async () => {
    const [old, next] = [
      'the old secret of the site, 32 chars',
      'the new secret of the site, 32 chars',
    ] as const;
    const steps = [[old], [old, next], [next, old], [next]];
    const options = { url: redis.url, endpoints: emulator.endpoints };
    const guests = { name: 'guest', guests: 20, atOnce: 20 };
    let behind = await startInstance({ ...options, secrets: steps[0] as string[] });
    await behind.load(guests);
    for (const [index, secrets] of steps.entries()) {
      const ahead = await startInstance({ ...options, secrets: steps[index + 1] ?? secrets });
      instances = [behind, ahead];
      // Who was there keeps the token; who is new gets one, whoever is asked.
      expect((await all((instance) => instance.load(guests))).map(({ codes }) => codes)).toEqual([
        { ok: 20 },
        { ok: 20 },
      ]);
      const tallies = await all((instance) => instance.stampede(`new ${index}`, 100));
      expect(new Set(tallies.flatMap(({ tokens }) => tokens)).size).toBe(1);
      await ahead.forget(`new ${index}`);
      const anew = await all((instance) => instance.onboard(`new ${index}`));
      expect(anew[0]?.token).not.toBe(tallies[0]?.tokens[0]);
      await behind.close();
      behind = ahead;
    }
    instances = [behind];
    // 20 guests once, and about two for each step; had a step lost them, it would be 40 and more.
    expect(emulator.stats().guestTokens).toBeLessThan(40);
    // The access token may be fetched once more by who reads only the new secret.
    expect(emulator.stats().oauthToken).toBeLessThanOrEqual(2);
  });
});
