// Tells promises from values: what the site's own code returns may be either, whatever the types say.

export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** Calls `next` with the value: at once if it is no promise, so that no turn of the event loop is lost. */
export const chain = <T, R>(value: T | PromiseLike<T>, next: (value: T) => R | Promise<R>): R | Promise<R> =>
  isPromise(value) ? Promise.resolve(value).then(next) : next(value);

/** Handles the rejection of what may be a promise: an unhandled one ends the process. */
export const settleQuietly = (value: unknown, onRejected: (error: unknown) => void = () => {}): void => {
  if (isPromise(value)) Promise.resolve(value).catch(onRejected);
};
