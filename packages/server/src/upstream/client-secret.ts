// Asks the site for the OAuth client's secret: its function may read a vault, and fail in every way that functions can.
import { within } from '../lib/timers.ts';
import { FailedTry } from './retry.ts';
import { failureOfSecret } from './upstream-error.ts';

/** @param timeout milliseconds @throws FailedTry that says how, and nothing of what the function said */
export const askSecret = async (clientSecret: () => unknown, timeout: number): Promise<string> => {
  const failed = (what: string) => new FailedTry(failureOfSecret(what));
  const late = () => failed(`gave nothing within ${timeout} ms`);
  let secret: unknown;
  try {
    secret = await within(timeout, (async () => clientSecret())(), late);
  } catch (error) {
    if (error instanceof FailedTry) throw error;
    // Its message might quote a secret.
    throw failed(`threw ${error instanceof Error ? error.name : typeof error}`);
  }
  if (typeof secret === 'string' && secret !== '') return secret;
  throw failed(`gave ${secret === '' ? 'an empty text' : typeof secret} in place of a text`);
};
