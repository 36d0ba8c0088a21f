// Keeps one OAuth access token for all callers: fetched once however many wait, renewed behind before it expires.
import { freshness, type Lifetime } from '@genesys-guest/common';

export interface AccessToken extends Lifetime {
  readonly value: string;
}

export interface AccessTokens {
  /** The present token; waits only where there is none. */
  get(): Promise<AccessToken>;
  /** The platform did not take this one: the next caller gets another. */
  drop(refused: AccessToken): void;
  readonly state: 'unknown' | 'ok' | 'failing';
}

/** Milliseconds before expiry from which the token is renewed: never more than half of its life. */
const RENEW_BEFORE = 300_000;

/** Milliseconds after a failed renewal in which the token at hand is used without another try. */
const RENEWAL_PAUSE = 10_000;

export const createAccessTokens = (
  fetchToken: () => Promise<AccessToken>,
  now: () => number,
): AccessTokens => {
  let current: AccessToken | undefined;
  let fetching: Promise<AccessToken> | undefined;
  let state: AccessTokens['state'] = 'unknown';
  let renewFrom = Number.NEGATIVE_INFINITY;

  const fetchOnce = (): Promise<AccessToken> => {
    fetching ??= fetchToken()
      .then(
        (token) => {
          current = token;
          state = 'ok';
          return token;
        },
        (error: unknown) => {
          state = 'failing';
          renewFrom = now() + RENEWAL_PAUSE;
          throw error;
        },
      )
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };

  return {
    get: async () => {
      const token = current;
      const state = token ? freshness(token, RENEW_BEFORE, now()) : 'expired';
      if (!token || state === 'expired') return fetchOnce();
      if (state === 'ageing' && now() >= renewFrom) {
        // Its failure is told by whoever needs the result; the token at hand is good.
        fetchOnce().catch(() => {});
      }
      return token;
    },
    drop: (refused) => {
      if (current?.value === refused.value) current = undefined;
    },
    get state() {
      return state;
    },
  };
};
