// Brings events to their receiver, off every visitor's path: batch after batch, again where it failed, never for ever.
import { backoff } from '@genesys-guest/common';
import type { CloudEvent } from './cloud-event.ts';
import type { Delivery } from './delivery.ts';
import type { DropReason, EventQueue, QueuedEvent } from './event-queue.ts';
import type { Receiver } from './receivers.ts';

export interface BridgeSettings {
  /** Events of one batch. */
  readonly batchSize: number;
  /** Milliseconds of one try. */
  readonly timeout: number;
  /** How often a batch may be refused before it is set aside. */
  readonly tries: number;
  /** Milliseconds that `close()` goes on sending. */
  readonly closeWithin: number;
  readonly onSetAside: ((batch: readonly CloudEvent[]) => void) | undefined;
}

/** What `events` comes to. */
export interface EventSettings extends BridgeSettings {
  readonly receiver: () => Receiver;
  /** Keep events in the shared store, so that they survive this process. */
  readonly durable: boolean;
  /** Events that may wait. */
  readonly maxQueue: number;
}

export interface BridgeContext {
  readonly random: () => number;
  readonly onDelivered: (count: number) => void;
  readonly onDropped: (reason: DropReason, count: number) => void;
  readonly complain: (
    message: string,
    fields: { readonly why?: string | undefined; readonly events: number },
  ) => void;
}

export interface Bridge {
  /** Returns at once, whatever the receiver does. */
  publish(event: CloudEvent): void;
  readonly queued: number;
  close(): Promise<void>;
}

/** Milliseconds in which events gather before they leave together. */
const LINGER = 100;

/** Between two tries, in ms. */
const BACKOFF = { base: 500, cap: 30_000 } as const;

/** A wait that a receiver asks for is believed up to this many seconds. */
const LONGEST_RETRY_AFTER = 3_600;

export const createBridge = (
  queue: EventQueue,
  receiver: Receiver,
  settings: BridgeSettings,
  { random, onDelivered, onDropped, complain }: BridgeContext,
): Bridge => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  /** Cuts waits short when the bridge closes, and ends the sending when its time is over. */
  const [closing, over] = [new AbortController(), new AbortController()];

  const setAside = async (batch: readonly QueuedEvent[], why: string | undefined): Promise<void> => {
    await queue.settle(batch, 'refused');
    onDropped('refused', batch.length);
    complain(
      'The event receiver refused a batch again and again: it is set aside; check the URL, the secret and its log',
      {
        why,
        events: batch.length,
      },
    );
    try {
      settings.onSetAside?.(batch.map(({ event }) => event));
    } catch {
      // What the site does with it is the site's affair.
    }
  };

  const pause = async (attempt: number, { retryAfter = 0 }: Delivery): Promise<void> => {
    const floor = Math.min(retryAfter, LONGEST_RETRY_AFTER) * 1_000;
    const cutShort = closing.signal.aborted ? over.signal : closing.signal;
    await quietly(backoff(attempt, BACKOFF, 0.5 + random() / 2, floor), cutShort);
  };

  /** Sends a batch until it is taken, set aside, or time is over. */
  const deliver = async (batch: readonly QueuedEvent[], refusals = 0): Promise<void> => {
    let refused = refusals;
    for (let attempt = 1; !over.signal.aborted; attempt += 1) {
      const outcome = await receiver.send(
        batch.map(({ event }) => event),
        settings.timeout,
      );
      if (outcome.kind === 'delivered') {
        onDelivered(batch.length);
        return queue.settle(batch, 'delivered');
      }
      if (outcome.kind === 'too_large' && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await deliver(batch.slice(0, half), refused);
        return deliver(batch.slice(half), refused);
      }
      if (outcome.kind !== 'unavailable') refused += 1;
      if (refused >= settings.tries) return setAside(batch, outcome.why);
      if (outcome.kind === 'unavailable') {
        complain('The event receiver does not take events: they wait, up to `events.maxQueue`', {
          why: outcome.why,
          events: queue.size,
        });
      }
      await pause(attempt, outcome);
    }
  };

  const drain = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const batch = await queue.next(settings.batchSize);
      if (batch.length === 0) return;
      await deliver(batch);
    }
  };

  const start = (): void => {
    timer = undefined;
    running ??= drain()
      .catch((error: unknown) =>
        complain('The events could not be sent', { why: (error as Error).name, events: queue.size }),
      )
      .finally(() => {
        running = undefined;
        if (closing.signal.aborted) return;
        // What came while the last batch was being looked for, or what another instance left.
        if (queue.poll !== undefined || queue.size > 0) wakeIn(queue.poll ?? LINGER);
      });
  };

  const wakeIn = (ms: number): void => {
    if (timer || running) return;
    timer = setTimeout(start, ms);
    timer.unref();
  };

  if (queue.poll !== undefined) wakeIn(queue.poll);

  return {
    publish: (event) => {
      if (closing.signal.aborted || !queue.offer(event))
        onDropped(closing.signal.aborted ? 'closed' : 'overflow', 1);
      else wakeIn(LINGER);
    },
    get queued() {
      return queue.size;
    },
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      const limit = setTimeout(() => over.abort(), settings.closeWithin);
      if (running) await Promise.race([running, aborted(over.signal)]);
      if (!over.signal.aborted) {
        start();
        await Promise.race([running, aborted(over.signal)]);
      }
      clearTimeout(limit);
      over.abort();
      await receiver.close();
      const lost = await queue.close();
      if (lost > 0) onDropped('closed', lost);
    },
  };
};

/** Waits without keeping the process alive: a receiver that is down is no reason to. */
const quietly = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done);
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
