// Keeps one OAuth access token for all callers: fetched once however many wait, renewed behind before it expires.
import { freshness, type Lifetime } from '@genesys-guest/common';
import type { SharedAccessToken } from '../store/shared.ts';

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

/** @param shared the token of all instances, where there are others */
export const createAccessTokens = (
  fetchToken: () => Promise<AccessToken>,
  now: () => number,
  shared?: SharedAccessToken | undefined,
): AccessTokens => {
  let current: AccessToken | undefined;
  let fetching: Promise<AccessToken> | undefined;
  let state: AccessTokens['state'] = 'unknown';
  let renewFrom = Number.NEGATIVE_INFINITY;
  let refused: string | undefined;

  const isNew = (token: AccessToken): boolean =>
    token.value !== refused && freshness(token, RENEW_BEFORE, now()) === 'fresh';
  const obtain = (): Promise<AccessToken> =>
    shared ? shared.make({ suffices: isNew, mint: fetchToken }) : fetchToken();

  const fetchOnce = (): Promise<AccessToken> => {
    fetching ??= obtain()
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
    drop: (token) => {
      if (current?.value === token.value) current = undefined;
      refused = token.value;
      shared?.drop(token);
    },
    get state() {
      return state;
    },
  };
};
