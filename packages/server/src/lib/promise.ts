// Tells promises from values: what the site's own code returns may be either, whatever the types say.

export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** Calls `next` with the value: at once if it is no promise, so that no turn of the event loop is lost. */
export const chain = <T, R>(value: T | PromiseLike<T>, next: (value: T) => R | Promise<R>): R | Promise<R> =>
  isPromise(value) ? Promise.resolve(value).then(next) : next(value);

/** Calls what the site has given us. What it throws or rejects with is nobody's but `onError`'s. */
export const guarded = (call: () => unknown, onError: (error: unknown) => void = () => {}): void => {
  try {
    const value = call();
    // An unhandled rejection ends the process.
    if (isPromise(value)) Promise.resolve(value).catch(onError);
  } catch (error) {
    onError(error);
  }
};
