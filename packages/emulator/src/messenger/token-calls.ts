// The three calls about a member's tokens, to the platform's API.
import type { Tokens } from './tokens.ts';

/** What a page's `AuthProvider` resolves with. */
export interface AuthData {
  readonly authCode?: string;
  readonly idToken?: string;
  readonly redirectUri?: string;
  readonly codeVerifier?: string;
  readonly nonce?: string;
  readonly maxAge?: number;
  readonly iss?: string;
}

/** How a call failed; without `status` where it never arrived. */
export interface CallError {
  readonly status?: number;
  readonly message: string;
}

export interface Ended {
  readonly status: number;
  readonly statusText: string;
  readonly data: string;
}

export interface TokenCalls {
  exchange(data: AuthData): Promise<Tokens>;
  refresh(refreshToken: string): Promise<string>;
  revoke(jwt: string): Promise<Ended>;
}

const PATH = '/api/v2/webdeployments/token';

export const createTokenCalls = (apiEndpoint: string, deploymentId: string): TokenCalls => {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(`${apiEndpoint}${PATH}/${path}`, init).catch((): never => {
      throw { message: 'The platform cannot be reached' } satisfies CallError;
    });
    if (response.ok) return response;
    throw {
      status: response.status,
      message: `The platform answered ${response.status}`,
    } satisfies CallError;
  };
  const post = async <T>(path: string, body: unknown): Promise<T> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as T;
  };
  return {
    exchange: ({ authCode, ...oauth }) =>
      post<Tokens>('oauthcodegrantjwtexchange', {
        deploymentId,
        oauth: { ...oauth, ...(authCode !== undefined && { code: authCode }) },
      }),
    async refresh(refreshToken) {
      return (await post<{ jwt: string }>('refresh', { refreshToken, deploymentId })).jwt;
    },
    async revoke(jwt) {
      const { status, statusText } = await ask('revoke', {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${jwt}` },
      });
      return { status, statusText, data: '' };
    },
  };
};
