// Decides when a call may leave: a sliding window of calls, pauses that the platform asked for, and a bounded queue.
import { clampDelay } from '@genesys-guest/common';
import type { SlidingWindow } from './ports.ts';

/** Who is served first when not all can be: those who have a guest or are known to the site, before newcomers. */
export interface Ticket {
  /** Milliseconds of the budget's clock after which the caller does not want the turn any more. */
  readonly deadline: number;
  /** Renewals and guests whom the site identified: a share of the window is kept for them. */
  readonly known: boolean;
  /** When the guest's present token expires: the earliest goes first. */
  readonly expiresAt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Budget {
  /**
   * Resolves when the call may leave, with a function that ends it.
   * @throws BudgetError at once where the wait would pass the deadline or the queue is full
   */
  enter(ticket: Ticket): Promise<() => void>;
  readonly waiting: number;
  /** Refuses all who wait. */
  refuseAll(error: Error): void;
  /** Refuses all who wait and all who come. */
  close(): void;
}

/** There is no turn for this call. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  readonly why: 'limited' | 'aborted' | 'closed';
  /** Milliseconds after which it is worth asking again. */
  readonly retryIn: number;

  constructor(why: BudgetError['why'], retryIn: number) {
    super(`no call may leave: ${why}`);
    this.why = why;
    this.retryIn = retryIn;
  }
}

export interface BudgetSettings {
  readonly concurrency: number;
  readonly maxQueue: number;
}

interface Waiting extends Ticket {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** Shortest time that a refused caller is told to wait, in ms. */
const SHORTEST_RETRY = 1_000;

/** Shortest sleep between two looks at the window, in ms: a shared one may hand out its slots to others first. */
const SHORTEST_SLEEP = 5;

export const createBudget = (
  window: SlidingWindow,
  { concurrency, maxQueue }: BudgetSettings,
  now: () => number,
): Budget => {
  const queue: Waiting[] = [];
  let active = 0;
  let closed = false;
  let pumping = false;
  /** For whom the window is being asked: it may have counted the call already. */
  let asked: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;

  const remove = (ticket: Waiting): boolean => {
    const index = queue.indexOf(ticket);
    if (index >= 0) queue.splice(index, 1);
    return index >= 0;
  };

  /** Those who can leave at once only pass through, like the one for whom the window is being asked. */
  const isFull = (): boolean => {
    const waiting = queue.length - (asked ? 1 : 0);
    return waiting >= maxQueue && waiting >= maxQueue + Math.min(window.left, concurrency - active);
  };

  /** A crowd of newcomers may not keep out who would be served before them: the last of them goes. */
  const makeRoom = (ticket: Ticket): boolean => {
    const last = queue.at(-1);
    if (!last || order(last, ticket) <= 0) return false;
    remove(last);
    last.refuse(limited(queue.length + 1, last.known));
    return true;
  };

  const limited = (place: number, known: boolean): BudgetError =>
    new BudgetError('limited', Math.max(window.forecast(place, known), SHORTEST_RETRY));

  const leave = (): void => {
    active -= 1;
    if (queue.length > 0) void pump();
  };

  /** Refuses those whose time is over, wherever they stand: who is overtaken again and again is told so in time. */
  const refuseLate = (): void => {
    for (const late of queue.filter(({ deadline }) => now() > deadline)) {
      remove(late);
      late.refuse(limited(queue.length + 1, late.known));
    }
  };

  /** Other instances of a shared window may have taken what was to be had: who cannot be served is told so at once. */
  const refuseHopeless = (): void => {
    for (const [index, waiting] of [...queue].entries()) {
      if (now() + window.forecast(index + 1, waiting.known) <= waiting.deadline) continue;
      remove(waiting);
      waiting.refuse(limited(index + 1, waiting.known));
    }
  };

  const refuseAll = (error: Error): void => {
    for (const waiting of queue.splice(0)) waiting.refuse(error);
  };

  /** Lets out whoever may leave, then sleeps until the next can or one is too late. One pump runs at a time. */
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    clearTimeout(timer);
    let wait = Number.POSITIVE_INFINITY;
    refuseLate();
    for (let head = queue[0]; head && active < concurrency; head = queue[0]) {
      asked = head;
      wait = await window.take(head.known);
      asked = undefined;
      // While we asked, the head may have hung up or someone more urgent may have come: ask again for whoever is first.
      const overtaken = queue[0] !== head;
      if (wait > 0 && !overtaken) {
        if (now() + wait > head.deadline) refuseHopeless();
        break;
      }
      if (wait === 0 && overtaken) window.giveBack();
      if (wait > 0 || overtaken) continue;
      queue.shift();
      active += 1;
      head.admit();
    }
    pumping = false;
    if (queue.length > 0) sleep(active < concurrency ? wait : Number.POSITIVE_INFINITY);
  };

  const sleep = (wait: number): void => {
    const firstDeadline = queue.reduce((first, { deadline }) => Math.min(first, deadline), wait + now());
    timer = setTimeout(pump, clampDelay(Math.max(firstDeadline - now() + 1, SHORTEST_SLEEP)));
  };

  return {
    enter: (ticket) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new BudgetError('closed', 0));
        if (ticket.signal?.aborted) return reject(new BudgetError('aborted', 0));
        const ahead = queue.filter((other) => other !== asked && order(other, ticket) <= 0).length;
        const tooLate = now() + window.forecast(ahead + 1, ticket.known) > ticket.deadline;
        if (tooLate || (isFull() && !makeRoom(ticket))) return reject(limited(ahead + 1, ticket.known));
        const onAbort = (): void => {
          if (remove(waiting)) waiting.refuse(new BudgetError('aborted', 0));
        };
        const settled = (): void => ticket.signal?.removeEventListener('abort', onAbort);
        const waiting: Waiting = {
          ...ticket,
          admit: () => {
            settled();
            resolve(once(leave));
          },
          refuse: (error) => {
            settled();
            reject(error);
          },
        };
        ticket.signal?.addEventListener('abort', onAbort);
        insert(queue, waiting);
        void pump();
      }),
    get waiting() {
      return queue.length;
    },
    refuseAll,
    close: () => {
      closed = true;
      clearTimeout(timer);
      refuseAll(new BudgetError('closed', 0));
    },
  };
};

/** Known guests first, and among them the one whose token expires first; newcomers in order of arrival. */
const order = (a: Ticket, b: Ticket): number => {
  if (a.known !== b.known) return a.known ? -1 : 1;
  const [first, second] = [a.expiresAt ?? Number.POSITIVE_INFINITY, b.expiresAt ?? Number.POSITIVE_INFINITY];
  return first === second ? 0 : first - second;
};

const insert = (queue: Waiting[], ticket: Waiting): void => {
  let index = queue.length;
  while (index > 0 && order(queue[index - 1] as Waiting, ticket) > 0) index -= 1;
  queue.splice(index, 0, ticket);
};

const once = (action: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
};
