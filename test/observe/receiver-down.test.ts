// The receiver is down, hung or refuses for the whole of a load of 10,000 guests: no visitor waits, no event is lost unseen.
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { describe, expect, it, vi } from 'vitest';
import { emulated } from '../emulated.ts';
import { SIGNING_SECRET, startReceiver } from './receiver.ts';

/** As many as events may wait. */
const GUESTS = 10_000;
const AT_ONCE = 100;

const startSite = async (events: Record<string, unknown>) => {
  const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
  const tokens = createGuestTokens({
    ...emulated(emulator),
    webchatId: 'chat',
    upstream: { perMinute: 1_000_000, timeout: 20_000, deadline: 60_000 },
    events,
  });
  return {
    tokens,
    load: async (guests: number) => {
      for (let i = 0; i < guests; i += AT_ONCE) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, (_, j) => tokens.onboard({ externalId: `guest ${i + j}` })),
        );
      }
    },
    [Symbol.asyncDispose]: async () => {
      await tokens.close();
      await emulator.close();
    },
  };
};

const patience = { timeout: 55_000, interval: 100 };

describe('a receiver', () => {
  it('that hangs gets every event once it answers', async () => {
    await using receiver = await startReceiver();
    const { url } = receiver;
    await using site = await startSite({ url, secret: SIGNING_SECRET });
    receiver.hang();
    await site.load(GUESTS);
    expect(receiver.events.size).toBe(0);
    expect(site.tokens.telemetry()).toMatchObject({
      issued: GUESTS,
      events: { queued: GUESTS, delivered: 0 },
    });
    receiver.answer(204);
    await vi.waitFor(() => expect(receiver.events.size).toBe(GUESTS), patience);
    expect(receiver.faults).toEqual([]);
    expect(new Set([...receiver.events.values()].map(({ data }) => data.externalId)).size).toBe(GUESTS);
    expect(site.tokens.telemetry().events).toEqual({
      queued: 0,
      delivered: GUESTS,
      dropped: { overflow: 0, refused: 0, closed: 0, unreadable: 0 },
    });
  });

  it('that is down for longer than the queue is long loses what is counted, and nothing else', async () => {
    await using receiver = await startReceiver();
    const { url } = receiver;
    await using site = await startSite({ url, secret: SIGNING_SECRET });
    receiver.answer(503, { 'retry-after': '1' });
    await site.load(GUESTS + 2_000);
    expect(site.tokens.telemetry().events).toMatchObject({ queued: GUESTS, dropped: { overflow: 2_000 } });
    receiver.answer(204);
    await vi.waitFor(() => expect(receiver.events.size).toBe(GUESTS), patience);
    expect(receiver.faults).toEqual([]);
  });

  it('that is a function which never answers harms nobody, and close() does not wait for it without end', async () => {
    const site = await startSite({ send: () => new Promise(() => {}) });
    await site.load(1_000);
    const { tokens } = site;
    await tokens.close({ timeout: 300 });
    await site[Symbol.asyncDispose]();
    expect(tokens.telemetry().events.dropped).toMatchObject({ closed: 1_000 });
  });
});
