// For tests: what promises come to.
import { GuestTokenError } from '../lib/errors.ts';

/** Resolves after everything that needs no timer and no socket has run. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The code of the `GuestTokenError` with which the promise rejects. Every other error is thrown. */
export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GuestTokenError) return error.code;
    throw error;
  }
  return 'no error';
};
