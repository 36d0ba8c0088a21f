// Decides when a call may leave: the sliding window says whether, and a bounded queue who goes first.
import { clampDelay } from '@genesys-guest/common';
import type { GuestTokenError } from '../lib/errors.ts';
import type { Caller, Priority, SlidingWindow, UpstreamOptions } from './ports.ts';
import { closed, limited, unavailable } from './upstream-error.ts';

export type Ticket = Omit<Caller, 'onCall'>;

type Limits = Pick<UpstreamOptions, 'concurrency' | 'maxQueue'>;

interface Waiting {
  readonly ticket: Ticket;
  readonly admit: (leave: () => void) => void;
  readonly refuse: (error: GuestTokenError) => void;
  readonly hangUp: () => void;
}

/** Shortest time that a refused caller is told to wait, in ms. */
const SHORTEST_RETRY = 1_000;

export class RequestQueue {
  readonly #window: SlidingWindow;
  readonly #limits: Limits;
  readonly #now: () => number;
  /** In the order in which they are served. */
  #queue: Waiting[] = [];
  #active = 0;
  #closed = false;
  #admitting = false;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(window: SlidingWindow, limits: Limits, now: () => number) {
    this.#window = window;
    this.#limits = limits;
    this.#now = now;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Resolves when the call may leave, with a function to call once when it is over.
   * @throws GuestTokenError `upstream_limited` at once where the wait would pass the deadline or the queue is full;
   *   `upstream_unavailable` where the caller hangs up or the queue is closed
   */
  enter(ticket: Ticket): Promise<() => void> {
    return new Promise((admit, refuse) => {
      if (this.#closed) throw closed();
      const { signal, deadline } = ticket;
      if (signal?.aborted) throw hungUp();
      const index = this.#placeOf(ticket);
      if (this.#isLate(ticket, index) || (this.#isFull() && !this.#makeRoom(index))) {
        throw this.#limited(ticket, index);
      }
      const hangUp = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        refuse(hungUp());
      };
      const waiting = { ticket, admit, refuse, hangUp };
      signal?.addEventListener('abort', hangUp);
      this.#queue.splice(index, 0, waiting);
      void this.#admit();
      if (this.#queue.length > 0) this.#wake(deadline + 1);
    });
  }

  /** Refuses all who wait. */
  refuseAll(error: GuestTokenError): void {
    for (const { refuse } of this.#queue.splice(0)) refuse(error);
    this.#rest();
  }

  /** Refuses all who wait and all who come. */
  close(): void {
    this.#closed = true;
    this.refuseAll(closed());
  }

  /** Lets out whoever may leave. Runs once at a time. */
  async #admit(): Promise<void> {
    if (this.#admitting) return;
    this.#admitting = true;
    for (let head = this.#queue[0]; head && this.#active < this.#limits.concurrency; head = this.#queue[0]) {
      const taken = this.#window.take(head.ticket.priority);
      // In one process it is known at once, so that nobody comes in between.
      const wait = typeof taken === 'number' ? taken : await taken;
      // While we asked, the head may have hung up or someone more urgent may have come: ask again for whoever is first.
      const overtaken = this.#queue[0] !== head;
      if (overtaken && wait === 0) this.#window.giveBack();
      if (overtaken) continue;
      if (wait > 0) {
        // A pause that has begun, or another instance, may have taken what was to be had.
        this.#refuseLate();
        this.#wake(this.#now() + wait);
        break;
      }
      this.#queue.shift();
      this.#active += 1;
      head.ticket.signal?.removeEventListener('abort', head.hangUp);
      head.admit(this.#leave);
    }
    this.#admitting = false;
    this.#rest();
  }

  readonly #leave = (): void => {
    this.#active -= 1;
    if (this.#queue.length > 0) void this.#admit();
  };

  /** Looks again at that time, if not sooner. */
  #wake(at: number): void {
    if (at >= this.#wakeAt) return;
    clearTimeout(this.#timer);
    this.#wakeAt = at;
    const look = (): void => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#refuseLate();
      for (const { ticket } of this.#queue) this.#wake(ticket.deadline + 1);
      void this.#admit();
    };
    this.#timer = setTimeout(look, clampDelay(at - this.#now()));
  }

  /** Where nobody waits no timer keeps the process alive. */
  #rest(): void {
    if (this.#queue.length > 0) return;
    clearTimeout(this.#timer);
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /** Refuses at once those whose turn cannot come in time, wherever they stand. */
  #refuseLate(): void {
    for (let index = 0; index < this.#queue.length; ) {
      const { ticket, refuse } = this.#queue[index] as Waiting;
      if (this.#isLate(ticket, index)) {
        this.#queue.splice(index, 1);
        refuse(this.#limited(ticket, index));
      } else index += 1;
    }
  }

  #isLate({ priority, deadline }: Ticket, index: number): boolean {
    return this.#now() + this.#window.forecast(index + 1, priority) > deadline;
  }

  /** Those who can leave at once only pass through. */
  #isFull(): boolean {
    const { maxQueue, concurrency } = this.#limits;
    const waiting = this.#queue.length - maxQueue;
    return waiting >= 0 && waiting >= Math.min(this.#window.left, concurrency - this.#active);
  }

  /** A crowd of newcomers may not keep out who would be served before them: the last of them goes. */
  #makeRoom(index: number): boolean {
    const last = this.#queue[index] && this.#queue.pop();
    last?.refuse(this.#limited(last.ticket, this.#queue.length));
    return last !== undefined;
  }

  #placeOf(ticket: Ticket): number {
    let index = this.#queue.length;
    while (index > 0 && order((this.#queue[index - 1] as Waiting).ticket, ticket) > 0) index -= 1;
    return index;
  }

  #limited({ priority }: Ticket, index: number): GuestTokenError {
    const ms = Math.max(this.#window.forecast(index + 1, priority), SHORTEST_RETRY);
    const message = 'The limit of calls to Genesys Cloud is reached, and the wait would be too long';
    return limited(message, Math.ceil(ms / 1_000));
  }
}

const RANK: Readonly<Record<Priority, number>> = { known: 0, newcomer: 1, frequent: 2 };

/** By priority; among those alike the one whose token expires first, else in order of arrival. */
const order = (a: Ticket, b: Ticket): number => {
  if (a.priority !== b.priority) return RANK[a.priority] - RANK[b.priority];
  const [first, second] = [a.expiresAt ?? Number.POSITIVE_INFINITY, b.expiresAt ?? Number.POSITIVE_INFINITY];
  return first === second ? 0 : first - second;
};

const hungUp = (): GuestTokenError => unavailable('The caller hung up');
