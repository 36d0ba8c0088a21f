// Decides when a call may leave: the sliding window says whether, and a bounded queue who goes first.
import { clampDelay } from '@genesys-guest/common';
import type { GuestTokenError } from '../lib/errors.ts';
import type { Caller, SlidingWindow } from './ports.ts';
import { limited, unavailable } from './upstream-error.ts';

export type Ticket = Omit<Caller, 'onCall'>;

export interface RequestQueueOptions {
  /** Calls under way at a time. */
  readonly concurrency: number;
  /** Calls waiting for their turn. */
  readonly maxQueue: number;
}

interface Waiting extends Ticket {
  readonly admit: () => void;
  readonly refuse: (error: GuestTokenError) => void;
}

/** Shortest time that a refused caller is told to wait, in ms. */
const SHORTEST_RETRY = 1_000;

/** Shortest sleep between two looks at the window, in ms: a shared one may hand out its slots to others first. */
const SHORTEST_SLEEP = 5;

export class RequestQueue {
  readonly #window: SlidingWindow;
  readonly #options: RequestQueueOptions;
  readonly #now: () => number;
  /** In the order in which they are served. */
  readonly #queue: Waiting[] = [];
  #active = 0;
  #closed = false;
  #admitting = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of those who wait, as of the last sleep. */
  #firstDeadline = Number.POSITIVE_INFINITY;

  constructor(window: SlidingWindow, options: RequestQueueOptions, now: () => number) {
    this.#window = window;
    this.#options = options;
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
    const { signal, known, deadline } = ticket;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closed());
      if (signal?.aborted) return reject(hungUp());
      const place = 1 + this.#queue.filter((other) => order(other, ticket) <= 0).length;
      const tooLate = this.#now() + this.#window.forecast(place, known) > deadline;
      if (tooLate || (this.#isFull() && !this.#makeRoom(ticket))) return reject(this.#limited(place, known));
      const onAbort = (): void => {
        if (this.#remove(waiting)) waiting.refuse(hungUp());
      };
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        ...ticket,
        admit: () => {
          settled();
          resolve(() => this.#leave());
        },
        refuse: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.#insert(waiting);
      void this.#admit();
    });
  }

  /** Refuses all who wait. */
  refuseAll(error: GuestTokenError): void {
    for (const waiting of this.#queue.splice(0)) waiting.refuse(error);
  }

  /** Refuses all who wait and all who come. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.refuseAll(closed());
  }

  #leave(): void {
    this.#active -= 1;
    if (this.#queue.length > 0) void this.#admit();
  }

  /** Lets out whoever may leave, then sleeps until the next can or one is too late. Runs once at a time. */
  async #admit(): Promise<void> {
    if (this.#admitting) return;
    this.#admitting = true;
    clearTimeout(this.#timer);
    let wait = Number.POSITIVE_INFINITY;
    if (this.#now() > this.#firstDeadline) this.#refuseLate();
    for (let head = this.#queue[0]; head && this.#active < this.#options.concurrency; head = this.#queue[0]) {
      const taken = this.#window.take(head.known);
      // In one process it is known at once, so that nobody comes in between.
      wait = typeof taken === 'number' ? taken : await taken;
      // While we asked, the head may have hung up or someone more urgent may have come: ask again for whoever is first.
      const overtaken = this.#queue[0] !== head;
      if (overtaken && wait === 0) this.#window.giveBack();
      if (overtaken) continue;
      if (wait > 0) {
        // A pause that has begun, or another instance, may have taken what was to be had.
        this.#refuseLate();
        break;
      }
      this.#queue.shift();
      this.#active += 1;
      head.admit();
    }
    this.#admitting = false;
    if (this.#queue.length > 0) this.#sleep(this.#active < this.#options.concurrency ? wait : undefined);
  }

  #sleep(wait = Number.POSITIVE_INFINITY): void {
    this.#firstDeadline = this.#queue.reduce((first, { deadline }) => Math.min(first, deadline), Infinity);
    const until = Math.min(this.#firstDeadline + 1, this.#now() + wait);
    const ms = Math.max(until - this.#now(), SHORTEST_SLEEP);
    this.#timer = setTimeout(() => void this.#admit(), clampDelay(ms));
  }

  /** Refuses at once those whose turn cannot come in time, wherever they stand. */
  #refuseLate(): void {
    for (let place = 1; place <= this.#queue.length; ) {
      const { known, deadline, refuse } = this.#queue[place - 1] as Waiting;
      if (this.#now() + this.#window.forecast(place, known) <= deadline) place += 1;
      else {
        this.#queue.splice(place - 1, 1);
        refuse(this.#limited(place, known));
      }
    }
  }

  /** Those who can leave at once only pass through. */
  #isFull(): boolean {
    const { maxQueue, concurrency } = this.#options;
    return this.#queue.length >= maxQueue + Math.min(this.#window.left, concurrency - this.#active);
  }

  /** A crowd of newcomers may not keep out who would be served before them: the last of them goes. */
  #makeRoom(ticket: Ticket): boolean {
    const last = this.#queue.at(-1);
    if (!last || order(last, ticket) <= 0) return false;
    this.#remove(last);
    last.refuse(this.#limited(this.#queue.length + 1, last.known));
    return true;
  }

  #insert(ticket: Waiting): void {
    const after = this.#queue.findIndex((other) => order(other, ticket) > 0);
    this.#queue.splice(after < 0 ? this.#queue.length : after, 0, ticket);
  }

  #remove(ticket: Waiting): boolean {
    const index = this.#queue.indexOf(ticket);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }

  #limited(place: number, known: boolean): GuestTokenError {
    const ms = Math.max(this.#window.forecast(place, known), SHORTEST_RETRY);
    return limited(
      'The limit of calls to Genesys Cloud is reached, and the wait would be too long',
      Math.ceil(ms / 1_000),
    );
  }
}

/** Known guests first, and among them the one whose token expires first; newcomers in order of arrival. */
const order = (a: Ticket, b: Ticket): number => {
  if (a.known !== b.known) return a.known ? -1 : 1;
  const [first, second] = [a.expiresAt ?? Number.POSITIVE_INFINITY, b.expiresAt ?? Number.POSITIVE_INFINITY];
  return first === second ? 0 : first - second;
};

const hungUp = (): GuestTokenError => unavailable('The caller hung up');
const closed = (): GuestTokenError => unavailable('The guest tokens are closed');
