// A time limit for the host's own code.
import { isPromise } from './promise.ts';
import { within } from './timers.ts';

/** Milliseconds that the host's `identify`, `admit` and `members.enabled` may take. */
const HOST_LIMIT = 5_000;

const late = (): Error => new Error('no answer within 5 s');

/** Waits for what the host's function returns. A value that is no promise costs no timer. @throws Error after 5 s */
export const withinHostLimit = <T>(value: T | PromiseLike<T>): T | Promise<T> =>
  isPromise(value) ? within(HOST_LIMIT, value, late) : value;
