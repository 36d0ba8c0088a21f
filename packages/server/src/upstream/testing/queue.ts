// A request queue on a sliding window, and calls that write down when they left.
import type { GuestTokenError } from '../../lib/errors.ts';
import { RequestQueue, type Ticket } from '../request-queue.ts';
import { createSlidingWindow } from '../sliding-window.ts';

export const now = () => Date.now();
export const never = Number.POSITIVE_INFINITY;

export const build = ({ perMinute = 10, concurrency = 1_000, maxQueue = 1_000 } = {}) => {
  const window = createSlidingWindow(perMinute, now);
  return { window, queue: new RequestQueue(window, { concurrency, maxQueue }, now) };
};

/** Sends a call through the queue and writes down when it left, or why not. */
export const send = (
  queue: RequestQueue,
  left: (string | number)[],
  ticket: Partial<Ticket> = {},
  name?: string,
) =>
  queue.enter({ deadline: never, priority: 'known' as const, ...ticket }).then(
    (leave) => {
      left.push(name ?? now());
      leave();
    },
    (error: GuestTokenError) => {
      left.push(`${name ?? ''}${error.code === 'upstream_limited' ? 'limited' : error.message}`);
    },
  );
