// Events wait while the receiver is down, and are never lost unseen.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AuditEntry } from './audit-entry.ts';
import { cloudEvent } from './cloud-event.ts';
import { createMemoryQueue, type DropReason } from './event-queue.ts';
import { EventSender } from './event-sender.ts';
import { type Delivery, functionReceiver, httpReceiver, type Receiver } from './receivers.ts';
import { entry, eventOf, idsOf } from './testing/entries.ts';

/** By the faked timers, which do not reach `node:timers/promises`. */
vi.mock('../lib/timers.ts', async (original) => ({
  ...(await original<object>()),
  sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (signal?.aborted) done();
      else signal?.addEventListener('abort', done);
    }),
}));

describe('the event sender', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    return () => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    };
  });

  const rig = (answers: readonly Delivery[] = [], { max = 100 } = {}) => {
    const left = [...answers];
    const tries: string[][] = [];
    const taken: string[] = [];
    const dropped: Record<string, number> = {};
    const said: string[] = [];
    let delivered = 0;
    const receiver: Receiver = async (batch) => {
      tries.push(idsOf(batch));
      const answer = left.shift() ?? { kind: 'delivered' };
      if (answer.kind === 'delivered') taken.push(...idsOf(batch));
      return answer;
    };
    const onDropped = (reason: DropReason, count: number): void => {
      dropped[reason] = (dropped[reason] ?? 0) + count;
    };
    const queue = createMemoryQueue(max, onDropped);
    const sender = new EventSender({
      queue,
      receiver,
      batchSize: 10,
      onDelivered: (count) => {
        delivered += count;
      },
      onDropped,
      log: (_level, message) => said.push(message),
    });
    onTestFinished(() => sender.close(0));
    return {
      queue,
      sender,
      tries,
      taken,
      dropped,
      said,
      publish: (count: number, from = 0) => {
        for (let i = from; i < from + count; i += 1) sender.publish(eventOf(String(i)));
      },
      delivered: () => delivered,
    };
  };
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));
  const down = { kind: 'unavailable', why: 'network' } as const;
  const no = { kind: 'refused', why: 'HTTP 400' } as const;

  it('sends in batches, in order', async () => {
    const { publish, tries, taken, queue } = rig();
    publish(25);
    expect(tries).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(tries.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(taken).toEqual(numbers(25));
    expect(queue.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps events while the receiver is down, however long, and drops what passes the bound, counted', async () => {
    const { publish, taken, dropped, queue, said } = rig(Array.from({ length: 200 }, () => down));
    publish(120);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(taken).toEqual([]);
    expect(queue.size).toBe(100);
    await vi.advanceTimersByTimeAsync(4 * 3_600_000);
    expect(taken).toEqual(numbers(100));
    expect(dropped).toEqual({ overflow: 20 });
    expect(said.length).toBeGreaterThan(0);
  });

  it('waits longer from try to try, and never less than Retry-After', async () => {
    const { publish, tries } = rig([down, down, { ...down, retryAfter: 60 }]);
    publish(1);
    const at: number[] = [];
    const start = Date.now();
    for (let seen = 0; tries.length < 4; ) {
      await vi.advanceTimersByTimeAsync(10);
      if (tries.length > seen) {
        seen = tries.length;
        at.push(Date.now() - start);
      }
    }
    const waits = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(waits[0]).toBeLessThanOrEqual(510);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[2]).toBeGreaterThanOrEqual(60_000);
  });

  it('sets a batch aside that is refused again and again, and goes on with the next', async () => {
    const { publish, taken, dropped, tries, said } = rig([no, down, no, no, no, no, no, no, no]);
    publish(15);
    await vi.advanceTimersByTimeAsync(180_000);
    expect(tries).toHaveLength(10);
    expect(taken).toEqual(numbers(5, 10));
    expect(dropped).toEqual({ refused: 10 });
    expect(said.at(-1)).toMatch(/set aside/);
  });

  it('loses to a flood of one action none of the others, and none that is being sent', async () => {
    const { sender, queue, taken, dropped } = rig(Array.from({ length: 20 }, () => down));
    const publish = (id: string, action: AuditEntry['action']) =>
      sender.publish(cloudEvent(entry(id, action), 'mypurecloud.ie'));
    publish('first', 'ISSUED');
    for (let i = 0; i < 1_000; i += 1) publish(`forgotten ${i}`, 'FORGOTTEN');
    await vi.advanceTimersByTimeAsync(1_000);
    for (let i = 0; i < 40; i += 1) publish(`issued ${i}`, 'ISSUED');
    publish('failed', 'FAILED');
    expect(queue.size).toBe(100);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(taken.slice(0, 2)).toEqual(['first', 'forgotten 0']);
    expect(taken.filter((id) => id.startsWith('issued'))).toHaveLength(40);
    expect(taken).toContain('failed');
    expect(taken.length).toBe(100);
    expect(dropped).toEqual({ overflow: 942 });
  });

  it('halves what is too large until it is taken', async () => {
    const tooLarge = { kind: 'too_large', why: 'HTTP 413' } as const;
    const { publish, tries, taken } = rig([tooLarge, tooLarge]);
    publish(8);
    await vi.advanceTimersByTimeAsync(100);
    expect(tries.map((batch) => batch.length)).toEqual([8, 4, 2, 2, 4]);
    expect(taken).toEqual(numbers(8));
  });

  it('sends what is left when it closes', async () => {
    const { publish, taken, sender } = rig();
    publish(25);
    await sender.close(2_000);
    expect(taken).toEqual(numbers(25));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes in time while the receiver is down, and counts what is left', async () => {
    const { publish, sender, dropped, said } = rig(Array.from({ length: 100 }, () => down));
    publish(25);
    await vi.advanceTimersByTimeAsync(10_000);
    const closed = sender.close(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    await closed;
    expect(dropped).toEqual({ closed: 25 });
    expect(said.at(-1)).toMatch(/^close\(\) ended before .* the rest is lost/);
    sender.publish(eventOf('late'));
    expect(dropped).toEqual({ closed: 26 });
    await vi.runAllTimersAsync();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a function that takes events', () => {
  it('is told to stop when it hangs', async () => {
    let aborted = false;
    const receiver = functionReceiver(
      (_batch, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    );
    expect(await receiver([eventOf('anna')], 5)).toEqual({ kind: 'unavailable', why: 'timeout' });
    expect(aborted).toBe(true);
  });

  it('may throw at once', async () => {
    const receiver = functionReceiver(() => {
      throw new TypeError('holds a secret');
    });
    expect(await receiver([eventOf('anna')], 1_000)).toEqual({
      kind: 'refused',
      why: 'TypeError',
      retryAfter: undefined,
    });
  });
});

it('a receiver that cannot be reached is told by the error of the network', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  const receiver = httpReceiver(`http://127.0.0.1:${port}`, [`whsec_${'a'.repeat(32)}`]);
  expect(await receiver([eventOf('anna')], 1_000)).toEqual({ kind: 'unavailable', why: 'ECONNREFUSED' });
});
