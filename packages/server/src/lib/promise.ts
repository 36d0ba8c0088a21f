// Tells promises from values: what the site's own code returns may be either, whatever the types say.

export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** Takes the rejection of what may be a promise: one that nobody takes ends the process. */
export const settleQuietly = (value: unknown, onRejected: (error: unknown) => void = () => {}): void => {
  if (isPromise(value)) Promise.resolve(value).catch(onRejected);
};
