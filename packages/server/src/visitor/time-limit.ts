// Waits for the host's own code, but not for ever.
import { isPromise } from '../promise.ts';

/** Milliseconds that the host's `identify` and `admit` may take. */
export const HOST_LIMIT = 5_000;

/** What `work` comes to, or a rejection with `late` after {@link HOST_LIMIT}. A value that is there costs no timer. */
export const withinLimit = async <T>(value: T | PromiseLike<T>, late: () => Error): Promise<T> => {
  if (!isPromise(value)) return value;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(late()), HOST_LIMIT);
    });
    return await Promise.race([value, limit]);
  } finally {
    clearTimeout(timer);
  }
};
