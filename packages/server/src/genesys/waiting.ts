// Waits that end: a sleep that can be cut short, and a limit on what others promise.
import { clampDelay } from '@genesys-guest/common';

/** Resolves after `ms`, or at once when the signal aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, clampDelay(ms));
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done);
  });

export interface Waits {
  /** As {@link sleep}; resolves at once when the waits are closed. */
  readonly sleep: typeof sleep;
  /**
   * What `work` comes to, if it does so in time; what it comes to later is nobody's any more.
   * @param late makes the error with which this is rejected after `ms`, or when the waits are closed
   */
  within<T>(ms: number, work: () => Promise<T>, late: () => Error): Promise<T>;
  /** Ends all waits, and those to come. */
  close(): void;
}

/** Waits that one `close()` ends, so that nobody's shutdown lasts as long as the longest of them. */
export const createWaits = (): Waits => {
  const under = new Set<() => void>();
  let closed = false;
  return {
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          under.delete(done);
          resolve();
        };
        const timer = setTimeout(done, clampDelay(ms));
        under.add(done);
        if (closed || signal?.aborted) done();
        else signal?.addEventListener('abort', done);
      }),
    within: (ms, work, late) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          under.delete(giveUp);
        };
        const giveUp = (): void => {
          end();
          reject(late());
        };
        const timer = setTimeout(giveUp, clampDelay(ms));
        under.add(giveUp);
        work().then(resolve, reject).finally(end);
        if (closed) giveUp();
      }),
    close: () => {
      closed = true;
      for (const end of [...under]) end();
    },
  };
};
