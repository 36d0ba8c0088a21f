// A sleep that can be ended early, and a time limit for a promise.
import { setTimeout as delay } from 'node:timers/promises';
import { clampDelay } from '@genesys-guest/common';

/**
 * Resolves after `ms`, or at once when the signal aborts.
 * @param ref whether the wait keeps the process alive
 */
export const sleep = (ms: number, signal?: AbortSignal, ref = true): Promise<void> =>
  delay(clampDelay(ms), undefined, { ref, ...(signal && { signal }) }).catch(() => {});

/**
 * Settles as `work` does, if it does so within `ms`. A later result or error is ignored.
 * @param late makes the error with which this rejects after `ms`
 */
export const within = <T>(ms: number, work: PromiseLike<T>, late: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), clampDelay(ms));
    Promise.resolve(work)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
