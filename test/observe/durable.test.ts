// With `durable` events survive what kills a process: each that a visitor's token caused arrives at least once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { expect, it, vi } from 'vitest';
import { describeWithRedis, startRedis } from '../../packages/server/src/testing/redis.ts';
import { emulated } from '../emulated.ts';
import { type Receiver, SIGNING_SECRET, startReceiver } from './receiver.ts';

const script = fileURLToPath(new URL('durable-site.js', import.meta.url));

const startSite = (settings: Record<string, unknown>) => {
  const child = spawn(process.execPath, [script, JSON.stringify({ secret: SIGNING_SECRET, ...settings })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const onboarded: string[] = [];
  let done = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'done') done = true;
    else onboarded.push(line);
  });
  return {
    onboarded,
    get done() {
      return done;
    },
    end: async (signal: 'SIGKILL' | 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill(signal);
      await ended;
    },
  };
};

const arrived = ({ events }: Receiver): Set<string> =>
  new Set([...events.values()].map(({ data }) => data.externalId));

const patience = { timeout: 50_000, interval: 50 };

describeWithRedis('durable events', () => {
  it('of a process that is killed in the middle are sent by whichever instance lives', async () => {
    await using redis = await startRedis();
    await using receiver = await startReceiver();
    const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
    const common = { redis: redis.url, endpoints: emulator.endpoints, url: receiver.url };
    const first = startSite({ ...common, name: 'first', guests: 5_000 });
    const second = startSite({ ...common, name: 'second', guests: 200 });
    try {
      // Killed while it issues, and while batches of its are under way and not answered.
      await vi.waitFor(() => expect(receiver.events.size).toBeGreaterThan(200), patience);
      receiver.hang();
      const before = first.onboarded.length;
      await vi.waitFor(() => expect(first.onboarded.length).toBeGreaterThan(before + 200), patience);
      await first.end('SIGKILL');
      expect(first.done).toBe(false);
      receiver.answer(204);
      const expected = [...first.onboarded, ...second.onboarded];
      await vi.waitFor(
        () => expect(expected.filter((id) => !arrived(receiver).has(id))).toEqual([]),
        patience,
      );
      expect(receiver.faults).toEqual([]);
    } finally {
      await first.end('SIGKILL');
      await second.end('SIGTERM');
      await emulator.close();
    }
  });

  it('lie encrypted, wait there while the receiver is down, and are sent from memory while Redis is', async () => {
    await using redis = await startRedis();
    await using receiver = await startReceiver();
    const emulator = await startEmulator();
    const tokens = createGuestTokens({
      ...emulated(emulator),
      webchatId: 'chat',
      secrets: ['a secret of the sites, 32 characters'],
      store: redisStore({ url: redis.url }),
      events: { url: receiver.url, secret: SIGNING_SECRET, durable: true },
    });
    try {
      receiver.answer(503);
      await tokens.onboard({ externalId: 'anna-the-guest' });
      await vi.waitFor(() => expect(receiver.raw.length).toBeGreaterThan(0), patience);
      const [queue] = (await redis.command('KEYS', '*:events:*')) as string[];
      const held = JSON.stringify(await redis.command('ZRANGE', queue as string, '0', '-1'));
      expect(held).toContain('v1.');
      expect(held).not.toContain('anna');
      expect(tokens.telemetry().events.queued).toBe(1);

      receiver.answer(204);
      await redis.kill();
      await tokens.onboard({ externalId: 'bert' });
      await vi.waitFor(() => expect(arrived(receiver)).toContain('bert'), patience);
    } finally {
      await tokens.close();
      await emulator.close();
    }
  });
});
