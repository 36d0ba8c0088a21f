// Tells promises from values: what the site's own code returns may be either, whatever the types say.

export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** What `next` makes of a value: at once where the value is there, so that nobody waits a turn for it. */
export const chain = <T, R>(value: T | PromiseLike<T>, next: (value: T) => R | Promise<R>): R | Promise<R> =>
  isPromise(value) ? Promise.resolve(value).then(next) : next(value);

/** Takes the rejection of what may be a promise: one that nobody takes ends the process. */
export const settleQuietly = (value: unknown, onRejected: (error: unknown) => void = () => {}): void => {
  if (isPromise(value)) Promise.resolve(value).catch(onRejected);
};
