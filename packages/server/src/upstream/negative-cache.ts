// Remembers for a short time what the platform refused for good, so that a wrong set-up does not become a storm.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { GuestTokenError } from '../lib/errors.ts';

export interface Refusals {
  /** The refusal that this would meet again, if any. @param scopes asked for only where anything is remembered */
  recall(scopes: () => readonly string[]): GuestTokenError | undefined;
  remember(scope: string, refusal: GuestTokenError): void;
}

/** Milliseconds. Long enough to calm a storm, short enough that a mended set-up works soon. */
const REMEMBERED = 30_000;
const MAX = 1_000;

export const createRefusals = (now: () => number): Refusals => {
  const known = new LRUCache<string, { readonly refusal: GuestTokenError; readonly until: number }>({
    max: MAX,
  });
  return {
    recall: (scopes) => {
      if (known.size === 0) return undefined;
      for (const scope of scopes()) {
        const found = known.get(scope);
        if (found && now() < found.until) return found.refusal;
      }
      return undefined;
    },
    remember: (scope, refusal) => {
      known.set(scope, { refusal, until: now() + REMEMBERED });
    },
  };
};

/** A payload's name in memory: the payload itself may hold what nobody should keep. */
export const payloadScope = (payload: string): string =>
  `payload:${createHash('sha256').update(payload).digest('base64')}`;
