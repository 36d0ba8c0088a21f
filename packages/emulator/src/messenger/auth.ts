// The plugin `Auth`: members by the page's `AuthProvider`, their tokens, and their end in every tab.
import type { Bus, Plugin } from './bus.ts';
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

const PROVIDER = 'AuthProvider';
const ENDED: Ended = { status: 200, statusText: 'OK', data: '' };

export const registerAuth = ({ bus, enabled, upgradable, store, calls }: AuthParts): Auth => {
  const plugin = bus.plugin('Auth');
  const listeners: (() => void)[] = [];
  let signedIn = false;
  void store.loaded.then(() => {
    signedIn ||= store.read().jwt !== undefined;
  });

  /** Publishes what went wrong, and throws it on. */
  const failing =
    (event: string) =>
    (reason: unknown): never => {
      plugin.publish(
        (reason as CallError | undefined)?.status === undefined && event !== 'authProviderError'
          ? 'error'
          : event,
        reason,
      );
      throw reason;
    };
  const askProvider = async (command: string): Promise<AuthData | undefined> => {
    const answer = bus.isReady(PROVIDER)
      ? plugin.command(`${PROVIDER}.${command}`)
      : Promise.reject(`${PROVIDER} is not ready: register it, and call its ready()`);
    return (await answer.catch(failing('authProviderError'))) as AuthData | undefined;
  };
  const exchange = async (data: AuthData): Promise<string> => {
    plugin.publish('authenticating', { authCode: data.authCode, redirectUri: data.redirectUri });
    const tokens = await calls.exchange(data).catch(failing('authError'));
    store.write(tokens);
    signedIn = true;
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
    const jwt = await calls.refresh(refreshToken).catch(failing('tokenError'));
    store.write({ jwt });
    plugin.publish('authenticated', { jwt });
    return jwt;
  };
  const end = (told: Ended = ENDED) => {
    store.clear();
    if (!signedIn) return;
    signedIn = false;
    plugin.publish('loggedOut', told);
    for (const listener of listeners) listener();
  };
  store.onChange((there) => {
    if (there) signedIn = true;
    else end();
  });
  bus.subscribe('Auth', `${PROVIDER}.ready`, () => {
    if (upgradable && !signedIn) plugin.publish('signInAvailable');
  });
  registerCommands(plugin, {
    getTokens,
    refreshToken: refresh,
    reAuthenticate,
    logout: async () => end(await revoke(store, calls).catch(failing('logoutError'))),
  });

  return {
    enabled,
    upgradable,
    get providerReady() {
      return bus.isReady(PROVIDER);
    },
    jwt: () => store.read().jwt,
    getTokens,
    renew: async () =>
      store.read().refreshToken === undefined ? reAuthenticate() : refresh().catch(reAuthenticate),
    signIn: () => signIn(bus, plugin, askProvider, exchange),
    end: () => end(),
    onLoggedOut: (listener) => void listeners.push(listener),
    onProviderReady: (listener) => bus.subscribe('Auth', `${PROVIDER}.ready`, listener),
    ready: () => {
      if (enabled) plugin.ready();
      else bus.accept('Auth');
    },
  };
};

const isAuthData = (data: AuthData | undefined): data is AuthData =>
  data?.authCode !== undefined || data?.idToken !== undefined;

const registerCommands = (plugin: Plugin, commands: Readonly<Record<string, () => Promise<unknown>>>) => {
  for (const [name, work] of Object.entries(commands)) {
    plugin.registerCommand(name, (event) => void work().then(event.resolve, event.reject));
  }
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
const signIn = async (
  bus: Bus,
  plugin: Plugin,
  askProvider: (command: string) => Promise<AuthData | undefined>,
  exchange: (data: AuthData) => Promise<string>,
): Promise<SignedIn> => {
  plugin.publish('signingIn');
  const subscriber = `Auth.signIn.${crypto.randomUUID()}`;
  const published = new Promise<AuthData>((resolve, reject) => {
    bus.subscribe(subscriber, `${PROVIDER}.signedIn`, ({ data }) => resolve(data as AuthData));
    bus.subscribe(subscriber, `${PROVIDER}.signInFailed`, ({ data }) => reject(data));
  });
  const resolved = askProvider('signIn').then((data) => (isAuthData(data) ? data : published));
  try {
    const data = await Promise.race([resolved, published]);
    const jwt = await exchange(data);
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
