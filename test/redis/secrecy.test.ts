// Nothing secret lies in Redis or travels through it in the clear: every key, value, command and message is read.
import { startEmulator } from '@genesys-guest/emulator';
import { createClient } from '@redis/client';
import { expect, it } from 'vitest';
import { describeWithRedis, startRedis } from '../../packages/server/src/testing/redis.ts';
import { SECRET, startInstances } from './instances.ts';

describeWithRedis('what Redis gets to see', () => {
  it('shows no token, no access token, no guest, no address and no secret', async () => {
    await using redis = await startRedis();
    await using emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
    const seen: string[] = [];
    const client = createClient({ url: redis.url });
    const monitor = client.duplicate();
    const listener = client.duplicate();
    await Promise.all([client.connect(), monitor.connect(), listener.connect()]);
    await monitor.monitor((line) => void seen.push(String(line)));
    const published: string[] = [];
    await listener.pSubscribe('*', (message, channel) => void published.push(`${channel} ${message}`));

    const instances = await startInstances(2, { url: redis.url, endpoints: emulator.endpoints });
    const load = Promise.all(
      instances.map((instance) =>
        instance.load({ name: 'guest-of-the-site', guests: 100, atOnce: 10, pause: 5 }),
      ),
    );
    let finished = false;
    void load.finally(() => {
      finished = true;
    });
    while (!finished) await readEverything();
    expect((await load).map(({ codes }) => codes)).toEqual([{ ok: 100 }, { ok: 100 }]);
    await instances[0]?.forget('guest-of-the-site 7');
    await readEverything();

    async function readEverything(): Promise<void> {
      for await (const keys of client.scanIterator()) {
        for (const key of keys) seen.push(key, await contentOf(key));
      }
    }
    async function contentOf(key: string): Promise<string> {
      const type = await client.type(key);
      if (type === 'string') return (await client.get(key)) ?? '';
      if (type === 'zset') return JSON.stringify(await client.zRangeWithScores(key, 0, -1));
      if (type === 'hash') return JSON.stringify(await client.hGetAll(key));
      return type === 'none' ? '' : `a ${type}, which this test does not read`;
    }

    const all = seen.join('\n');
    expect(all).toMatch(/genesys-guest/);
    expect(all).toMatch(/genesys-guest:guest-token:/);
    expect(all).toMatch(/genesys-guest:guest-forgotten:/);
    // Nobody hears what he does not wait for.
    expect(published).toEqual([]);
    expect(all).not.toMatch(/which this test does not read/);
    const secrets = ['guest-of-the-site', 'emu-', 'c3b1d6f2', 'emulator-client', 'emulator-secret', SECRET];
    for (const secret of secrets) {
      const encodings = ['utf8', 'base64', 'base64url', 'hex'] as const;
      for (const encoding of encodings) {
        // Encoded text is only alike from whole groups of three bytes on.
        const whole = secret.slice(
          0,
          encoding === 'utf8' || encoding === 'hex' ? undefined : secret.length - (secret.length % 3),
        );
        expect(all).not.toContain(Buffer.from(whole).toString(encoding));
      }
    }
    for (const instance of instances) await instance[Symbol.asyncDispose]();
    for (const open of [client, monitor, listener]) open.destroy();
  });
});
