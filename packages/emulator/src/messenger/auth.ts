// The plugin `Auth`: members by the page's `AuthProvider`, their tokens, and their end in every tab.
import type { Bus, Plugin } from './bus.ts';
import { createLogin, failing, isAuthData, type Login, PROVIDER } from './login.ts';
import type { AuthData, CallError, Ended, TokenCalls } from './token-calls.ts';
import type { TokenStore } from './tokens.ts';

export interface SignedIn {
  readonly authCode: string | undefined;
  readonly jwt: string;
}

export interface Auth {
  readonly enabled: boolean;
  /** Whether an anonymous conversation may be stepped up. */
  readonly upgradable: boolean;
  /** Whether the page has a provider that is ready. */
  readonly providerReady: boolean;
  jwt(): string | undefined;
  /** Asks the page for a new code, and exchanges it. */
  getTokens(): Promise<string>;
  /** After the platform refused the JWT: another one by the refresh token, else the page signs the member in again. */
  renew(): Promise<string>;
  /** Has the page sign the visitor in, to step up. */
  signIn(): Promise<SignedIn>;
  /** The platform says that the member has signed out, here or on another device. */
  end(): void;
  onLoggedOut(listener: () => void): void;
  onProviderReady(listener: () => void): void;
  ready(): void;
}

export interface AuthParts {
  readonly bus: Bus;
  readonly enabled: boolean;
  readonly upgradable: boolean;
  readonly store: TokenStore;
  readonly calls: TokenCalls;
}

const ENDED: Ended = { status: 200, statusText: 'OK', data: '' };

export const registerAuth = ({ bus, enabled, upgradable, store, calls }: AuthParts): Auth => {
  const plugin = bus.plugin('Auth');
  const listeners: (() => void)[] = [];
  let signedIn = false;
  const nowSignedIn = () => {
    signedIn = true;
  };
  const login = createLogin({ bus, plugin, store, calls, signedIn: nowSignedIn });
  const end = (told: Ended = ENDED) => {
    store.clear();
    if (!signedIn) return;
    signedIn = false;
    plugin.publish('loggedOut', told);
    for (const listener of listeners) listener();
  };
  const logout = async () => end(await revoke(store, calls).catch(failing(plugin, 'logoutError')));

  void store.loaded.then(() => {
    if (store.read().jwt !== undefined) nowSignedIn();
  });
  store.onChange((there) => (there ? nowSignedIn() : end()));
  bus.subscribe('Auth', `${PROVIDER}.ready`, () => {
    if (upgradable && !signedIn) plugin.publish('signInAvailable');
  });
  const { getTokens, refresh, reAuthenticate, renew } = login;
  for (const [name, work] of Object.entries({ getTokens, refreshToken: refresh, reAuthenticate, logout })) {
    plugin.registerCommand(name, (event) => void work().then(event.resolve, event.reject));
  }

  return {
    enabled,
    upgradable,
    getTokens,
    renew,
    get providerReady() {
      return bus.isReady(PROVIDER);
    },
    jwt: () => store.read().jwt,
    signIn: () => signIn(bus, plugin, login),
    end: () => end(),
    onLoggedOut: (listener) => void listeners.push(listener),
    onProviderReady: (listener) => bus.subscribe('Auth', `${PROVIDER}.ready`, listener),
    // Where nobody can sign in there is no `Auth.ready`; its commands are refused all the same.
    ready: () => (enabled ? plugin.ready() : bus.accept('Auth')),
  };
};

/** Ends the login. A JWT that is over is renewed for it; where nothing is good any more, the member is out already. */
const revoke = async (store: TokenStore, calls: TokenCalls): Promise<Ended> => {
  const { jwt, refreshToken } = store.read();
  if (jwt === undefined) throw { message: 'Nobody is signed in' } satisfies CallError;
  const unauthorized = (error: CallError): Ended | undefined => {
    if (error.status !== 401) throw error;
    return undefined;
  };
  const first = await calls.revoke(jwt).catch(unauthorized);
  if (first !== undefined || refreshToken === undefined) return first ?? ENDED;
  const fresh = await calls.refresh(refreshToken).catch(unauthorized);
  return (typeof fresh === 'string' ? await calls.revoke(fresh).catch(unauthorized) : undefined) ?? ENDED;
};

/** `signIn` may resolve with the data, publish `signedIn` with them, or both. */
const signIn = async (bus: Bus, plugin: Plugin, login: Login): Promise<SignedIn> => {
  plugin.publish('signingIn');
  const subscriber = `Auth.signIn.${crypto.randomUUID()}`;
  const published = new Promise<AuthData>((resolve, reject) => {
    bus.subscribe(subscriber, `${PROVIDER}.signedIn`, ({ data }) => resolve(data as AuthData));
    bus.subscribe(subscriber, `${PROVIDER}.signInFailed`, ({ data }) => reject(data));
  });
  const resolved = login.askProvider('signIn').then((data) => (isAuthData(data) ? data : published));
  try {
    const data = await Promise.race([resolved, published]);
    const jwt = await login.exchange(data);
    plugin.publish('signedIn', { authCode: data.authCode });
    return { authCode: data.authCode, jwt };
  } catch (error) {
    plugin.publish('signInFailed', error);
    throw error;
  } finally {
    bus.unsubscribe(subscriber, `${PROVIDER}.signedIn`);
    bus.unsubscribe(subscriber, `${PROVIDER}.signInFailed`);
  }
};
