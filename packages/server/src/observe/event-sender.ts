// Brings events to their receiver, off every visitor's path: batch after batch, again where it failed, never for ever.
import { backoff } from '@genesys-guest/common';
import { sleep } from '../lib/timers.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { DropReason, EventQueue, QueuedEvent } from './event-queue.ts';
import { errorName, type Log } from './log.ts';
import type { Delivery, Receiver } from './receivers.ts';

export interface ResolvedEventOptions {
  readonly receiver: Receiver;
  /** Keep events in the shared store, so that they survive this process. */
  readonly durable: boolean;
  readonly batchSize: number;
}

export interface SenderContext extends Omit<ResolvedEventOptions, 'durable'> {
  readonly queue: EventQueue;
  readonly onDelivered: (count: number) => void;
  readonly onDropped: (reason: DropReason, count: number) => void;
  readonly log: Log;
}

/** Events that may wait, about 0.6 kB each. */
export const MAX_QUEUE = 10_000;

/** Milliseconds of one try. */
const TIMEOUT = 5_000;

/** How often a batch may be refused, over about a minute, before it is set aside. A receiver that is down refuses nothing. */
const MOST_REFUSALS = 8;

/** Milliseconds in which events gather before they leave together. */
const LINGER = 100;

/** Between two tries, in ms. */
const BACKOFF = { base: 500, cap: 30_000 } as const;

/** A wait that a receiver asks for is believed up to this many seconds. */
const LONGEST_RETRY_AFTER = 3_600;

export class EventSender {
  readonly #context: SenderContext;
  /** Cuts waits short when the sender closes. */
  readonly #closing = new AbortController();
  /** Ends the sending when the time for closing is over. */
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  #wake = (): void => {};

  constructor(context: SenderContext) {
    this.#context = context;
    this.#running = this.#run();
  }

  /** Returns at once, whatever the receiver does. */
  publish(event: CloudEvent): void {
    if (this.#closing.signal.aborted) this.#context.onDropped('closed', 1);
    else if (!this.#context.queue.offer(event)) this.#context.onDropped('overflow', 1);
    else this.#wake();
  }

  /** Sends what is left. @param timeout milliseconds that this may take */
  async close(timeout: number): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await Promise.race([this.#running, sleep(timeout, this.#over.signal)]);
    this.#over.abort();
    const lost = await this.#context.queue.close();
    if (lost === 0) return;
    this.#context.onDropped('closed', lost);
    this.#context.log('error', LOST, { events: lost });
  }

  async #run(): Promise<void> {
    const { queue } = this.#context;
    while (!this.#closing.signal.aborted) {
      const { poll, size } = queue;
      if (poll === undefined && size === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      await sleep(poll ?? LINGER, this.#closing.signal, false);
      await this.#drain();
    }
    // What came while the last batch was looked for.
    await this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#over.signal.aborted) {
        const batch = await this.#context.queue.next(this.#context.batchSize);
        if (batch.length === 0) return;
        await this.#deliver(batch, 0);
      }
    } catch (error) {
      this.#warn('The events could not be sent', errorName(error));
    }
  }

  /** Sends a batch until it is taken, set aside, or time is over. @param refusals so far, of what it was a part of */
  async #deliver(batch: readonly QueuedEvent[], refusals: number): Promise<void> {
    const events = batch.map(({ event }) => event);
    let refused = refusals;
    for (let attempt = 1; !this.#over.signal.aborted; attempt += 1) {
      const delivery = await this.#context.receiver(events, TIMEOUT);
      if (delivery.kind === 'delivered') {
        this.#context.onDelivered(batch.length);
        return this.#context.queue.settle(batch, 'delivered');
      }
      if (delivery.kind === 'too_large' && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await this.#deliver(batch.slice(0, half), refused);
        return this.#deliver(batch.slice(half), refused);
      }
      if (delivery.kind === 'unavailable') this.#warn(DOWN, delivery.why);
      else refused += 1;
      if (refused >= MOST_REFUSALS) {
        await this.#context.queue.settle(batch, 'refused');
        this.#context.onDropped('refused', batch.length);
        return this.#warn(REFUSED, delivery.why);
      }
      await this.#pause(attempt, delivery);
    }
  }

  /** The timer keeps no process alive: a receiver that is down is no reason to. */
  async #pause(attempt: number, { retryAfter = 0 }: Delivery): Promise<void> {
    const floor = Math.min(retryAfter, LONGEST_RETRY_AFTER) * 1_000;
    const signal = this.#closing.signal.aborted ? this.#over.signal : this.#closing.signal;
    await sleep(backoff(attempt, BACKOFF, 0.5 + Math.random() / 2, floor), signal, false);
  }

  #warn(message: string, why: string | undefined): void {
    this.#context.log('error', message, { why, events: this.#context.queue.size });
  }
}

const DOWN = `The event receiver does not take events: up to ${MAX_QUEUE} wait, then new ones are lost`;

const LOST =
  'close() ended before the event receiver had taken all events: the rest is lost; set `events.durable`, or give close({ timeout }) more time';

const REFUSED =
  'The event receiver refused a batch again and again: it is set aside; check the URL, the secret and its log';
