// What Redis' errors mean, and the words in which they may be said.
import { StoreUnavailable } from '../store/ports.ts';

/** What Redis answers while it takes no writes, and still reads. Older versions wrap it in `ERR Error running script`. */
export const NO_WRITES = /\b(OOM|READONLY|MISCONF|NOREPLICAS)\b/;

/** Of a script's keys alone: somebody else has written one, or their slot of a cluster moves and they lie in two places. */
export const OF_ONE_KEY = /\b(WRONGTYPE|TRYAGAIN)\b/;

export class NoAnswer extends StoreUnavailable {}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A code, Redis' own first word, and the right that is missing: a whole message might hold what was in the URL. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof StoreUnavailable) return error.message;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  const message = messageOf(error);
  const [, right = /^NOPERM (\w{1,32})$/.exec(message)?.[1]] =
    /no permissions to run the '([\w|]{1,32})' command/i.exec(message) ?? [];
  if (right) return `NOPERM ${right}`;
  // As newer versions say it of what a script does: the probe then finds out which it is.
  if (message.includes("can't run this command")) return 'NOPERM';
  const word = NO_WRITES.exec(message)?.[1] ?? /^[A-Z]{3,}\b/.exec(message)?.[0];
  return word ?? (error instanceof Error ? error.constructor.name : 'closed');
};
