// Waits that end: a sleep that can be cut short, and a limit on what others promise.
import { clampDelay } from '@genesys-guest/common';
import { GuestTokenError } from '../errors.ts';

/** Resolves after `ms`, or at once when the signal aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, clampDelay(ms));
    signal?.addEventListener('abort', done);
  });

/**
 * What `work` comes to, if it does so in time.
 * @throws GuestTokenError `upstream_unavailable` after `ms`; what the work comes to later is nobody's any more
 */
export const within = <T>(ms: number, work: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new GuestTokenError('upstream_unavailable', 'No answer within the deadline', { retryAfter: 5 }),
        ),
      clampDelay(ms),
    );
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
