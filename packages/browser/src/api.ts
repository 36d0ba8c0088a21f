// Our server's API: one request, its time limit, and what a failure means.
import type { OnboardingConfig, Problem } from '@genesys-guest/common';
import { guestError } from './errors.ts';

/** Time limit of a request, ms: above the server's own limit for all its tries together. */
const LIMIT = 20_000;

/** Headers of the host: fixed, or asked for at each request. */
export type Headers = Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);

/** What `POST /auth-code` answers. */
export interface AuthCode {
  readonly authCode: string;
  readonly redirectUri: string;
  readonly iss: string;
}

/** Sends a request; without a body it is a `GET`. Rejects with a `GuestError`. */
export interface Api {
  (path: '/config' | '/renew' | '/forget', body?: object): Promise<OnboardingConfig>;
  (path: '/auth-code', body: object): Promise<AuthCode>;
}

/** The mount's URL, without a slash at its end. Default: `/chat`. */
export const endpointOf = (given = '/chat'): string => new URL(given, location.href).href.replace(/\/$/, '');

/** @param signal ends what is under way; what is asked later goes all the same */
export const createApi = (endpoint: string, headers: Headers | undefined, signal: AbortSignal): Api =>
  (async (path: string, body?: object) => {
    const limit = new AbortController();
    const abort = () => limit.abort();
    const timer = setTimeout(abort, LIMIT);
    signal.onabort = abort;
    let answer: Partial<OnboardingConfig & AuthCode & Problem> | undefined;
    let response: Response | undefined;
    try {
      response = await fetch(endpoint + path, {
        method: body ? 'POST' : 'GET',
        credentials: 'include',
        headers: {
          // Not with a GET, which it would cost a preflight from another origin.
          ...(body && { 'content-type': 'application/json' }),
          ...(typeof headers === 'function' ? headers() : headers),
        },
        body: body && JSON.stringify(body),
        signal: limit.signal,
      } as RequestInit);
      answer = await response.json();
    } catch {
      // No network, no time, or no JSON: told by what is missing.
    }
    clearTimeout(timer);
    if (answer?.messenger || answer?.authCode || response?.status === 204) return answer;
    throw guestError(
      answer?.code ?? 'config_failed',
      // A gateway in front of our server knows only the header.
      (answer?.retryAfter ?? Number(response?.headers.get('retry-after'))) || 0,
      answer?.detail,
    );
  }) as Api;
