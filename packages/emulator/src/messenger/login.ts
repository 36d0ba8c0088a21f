// How a member gets tokens: a code of the page's `AuthProvider`, the refresh token, or a new sign-in.
import type { Bus, Plugin } from './bus.ts';
import type { AuthData, CallError, TokenCalls } from './token-calls.ts';
import type { TokenStore } from './tokens.ts';

export const PROVIDER = 'AuthProvider';

export interface Login {
  askProvider(command: string): Promise<AuthData | undefined>;
  exchange(data: AuthData): Promise<string>;
  getTokens(): Promise<string>;
  refresh(): Promise<string>;
  reAuthenticate(): Promise<string>;
  /** By the refresh token, else the page signs the member in again. */
  renew(): Promise<string>;
}

export interface LoginParts {
  readonly bus: Bus;
  readonly plugin: Plugin;
  readonly store: TokenStore;
  readonly calls: TokenCalls;
  readonly signedIn: () => void;
}

export const isAuthData = (data: AuthData | undefined): data is AuthData =>
  data?.authCode !== undefined || data?.idToken !== undefined;

/** Publishes what went wrong, and throws it on; a call that never arrived is an `error`, whatever it was for. */
export const failing =
  (plugin: Plugin, event: string) =>
  (reason: unknown): never => {
    const arrived = event === 'authProviderError' || (reason as CallError | undefined)?.status !== undefined;
    plugin.publish(arrived ? event : 'error', reason);
    throw reason;
  };

export const createLogin = ({ bus, plugin, store, calls, signedIn }: LoginParts): Login => {
  const askProvider: Login['askProvider'] = async (command) => {
    const answer = bus.isReady(PROVIDER)
      ? plugin.command(`${PROVIDER}.${command}`)
      : Promise.reject(`${PROVIDER} is not ready: register it, and call its ready()`);
    return (await answer.catch(failing(plugin, 'authProviderError'))) as AuthData | undefined;
  };
  const exchange: Login['exchange'] = async (data) => {
    plugin.publish('authenticating', { authCode: data.authCode, redirectUri: data.redirectUri });
    const tokens = await calls.exchange(data).catch(failing(plugin, 'authError'));
    store.write(tokens);
    signedIn();
    plugin.publish('authenticated', tokens);
    return tokens.jwt as string;
  };
  const getTokens = async () => exchange((await askProvider('getAuthCode')) ?? {});
  const reAuthenticate = async () => {
    const data = await askProvider('reAuthenticate');
    return isAuthData(data) ? exchange(data) : getTokens();
  };
  const refresh = async (): Promise<string> => {
    const { refreshToken } = store.read();
    if (refreshToken === undefined) return getTokens();
    const jwt = await calls.refresh(refreshToken).catch(failing(plugin, 'tokenError'));
    store.write({ jwt });
    plugin.publish('authenticated', { jwt });
    return jwt;
  };
  const renew = async () =>
    store.read().refreshToken === undefined ? reAuthenticate() : refresh().catch(reAuthenticate);
  return { askProvider, exchange, getTokens, refresh, reAuthenticate, renew };
};
