// The access tokens that were given out, and how many calls each has made in its minute.
import { randomBytes } from 'node:crypto';

/** Access tokens that are remembered; the oldest is forgotten first. */
const MOST = 10_000;
const MINUTE = 60_000;

interface AccessToken {
  readonly expiresAt: number;
  revoked: boolean;
  windowStart: number;
  count: number;
}

/** Where a token stands in its minute. `reset` is in whole seconds, rounded up. */
export interface Budget {
  readonly count: number;
  readonly allowed: number;
  readonly reset: number;
  readonly exceeded: boolean;
}

export type Standing = 'good' | 'unknown' | 'expired';

export interface AccessTokens {
  issue(): string;
  standing(token: string): Standing;
  /** Counts one call. The token must be good. */
  spend(token: string): Budget;
  /** Every token given out so far stops working. */
  revoke(): void;
  reset(): void;
}

export const createAccessTokens = (settings: {
  readonly accessTokenLifetime: number;
  readonly rateLimit: number;
  readonly now: () => number;
}): AccessTokens => {
  const { accessTokenLifetime, rateLimit, now } = settings;
  const tokens = new Map<string, AccessToken>();
  return {
    issue() {
      const token = `emu-access-${randomBytes(48).toString('base64url')}`;
      const expiresAt = now() + accessTokenLifetime * 1000;
      tokens.set(token, { expiresAt, revoked: false, windowStart: Number.NEGATIVE_INFINITY, count: 0 });
      if (tokens.size > MOST) tokens.delete(tokens.keys().next().value as string);
      return token;
    },
    standing(token) {
      const known = tokens.get(token);
      if (known === undefined || known.revoked) return 'unknown';
      return now() >= known.expiresAt ? 'expired' : 'good';
    },
    spend(token) {
      const known = tokens.get(token) as AccessToken;
      const at = now();
      // A minute that a clock set back has put into the future is over, too.
      if (at >= known.windowStart + MINUTE || at < known.windowStart) {
        known.windowStart = at;
        known.count = 0;
      }
      known.count += 1;
      return {
        count: Math.min(known.count, rateLimit),
        allowed: rateLimit,
        reset: Math.ceil((known.windowStart + MINUTE - at) / 1000),
        exceeded: known.count > rateLimit,
      };
    },
    revoke() {
      for (const token of tokens.values()) token.revoked = true;
    },
    reset() {
      tokens.clear();
    },
  };
};
