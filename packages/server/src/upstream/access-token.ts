// Keeps one OAuth access token for all callers: fetched once however many wait, renewed behind before it expires.
import { freshness } from '@genesys-guest/common';
import type { AccessToken, Caller, SharedAccessToken } from './ports.ts';

export interface AccessTokens {
  /** The present token; waits only where there is none. */
  get(onCall: Caller['onCall']): Promise<AccessToken>;
  /** The platform did not take this one: the next caller gets another. */
  drop(refused: AccessToken): void;
  readonly state: 'unknown' | 'ok' | 'failing';
}

/** Milliseconds before expiry from which the token is renewed: never more than half of its life. */
const RENEW_BEFORE = 300_000;

/** Milliseconds after a failed renewal in which the token at hand is used without another try. */
const RENEWAL_PAUSE = 10_000;

/**
 * @param deadline milliseconds that anyone waits for it
 * @param shared the token of all instances, where there are others
 */
export const createAccessTokens = (
  fetchToken: (onCall: Caller['onCall']) => Promise<AccessToken>,
  now: () => number,
  deadline: number,
  shared?: SharedAccessToken | undefined,
): AccessTokens => {
  let current: AccessToken | undefined;
  let fetching: Promise<AccessToken> | undefined;
  let state: AccessTokens['state'] = 'unknown';
  let renewFrom = Number.NEGATIVE_INFINITY;
  let refused: string | undefined;

  const isNew = (token: AccessToken): boolean =>
    token.value !== refused && freshness(token, RENEW_BEFORE, now()) === 'fresh';
  const obtain = (onCall: Caller['onCall']): Promise<AccessToken> => {
    const issue = () => fetchToken(onCall);
    return shared ? shared.issue({ suffices: isNew, issue, deadline: now() + deadline }) : issue();
  };

  const fetchOnce = (onCall: Caller['onCall']): Promise<AccessToken> => {
    fetching ??= obtain(onCall)
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
    get: async (onCall) => {
      const token = current;
      const state = token ? freshness(token, RENEW_BEFORE, now()) : 'expired';
      if (!token || state === 'expired') return fetchOnce(onCall);
      if (state === 'ageing' && now() >= renewFrom) {
        // Its failure is told by whoever needs the result; the token at hand is good.
        fetchOnce(onCall).catch(() => {});
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
