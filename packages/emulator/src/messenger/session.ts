// A session on the guest socket: begun as whoever the visitor is, kept over lost connections and frozen pages.
import type { Auth } from './auth.ts';
import { createCredentials } from './credentials.ts';
import type { DeploymentConfig } from './deployment.ts';
import { createGuestSocket, LOST } from './socket.ts';
import type { Storage } from './storage.ts';
import type { Frame, Message, SessionResponse } from './wire.ts';

export interface Started extends SessionResponse {
  readonly authenticated: boolean;
}

export interface HistoryPage {
  /** Newest first. */
  readonly entities: readonly Message[];
  readonly pageNumber: number;
  readonly pageCount: number;
}

export interface SessionEvents {
  frame(frame: Frame): void;
  reconnecting(): void;
  reconnected(): void;
}

export interface Session {
  /** Whether a conversation goes on in this browser. */
  readonly active: boolean;
  /** Whether this page takes part in it now. */
  readonly live: boolean;
  readonly authenticated: boolean;
  /** Connects and configures. Rejects with a refusal's frame, with what `Auth` rejects with, or with `LOST`. */
  start(startNew?: boolean): Promise<Started>;
  ask(action: string, request?: Readonly<Record<string, unknown>>): Promise<Frame>;
  tell(action: string, request: Readonly<Record<string, unknown>>): void;
  /** Makes the running anonymous session a member's. */
  stepUp(jwt: string): Promise<void>;
  history(pageNumber: number): Promise<HistoryPage>;
  /** Ends the connection; the session goes on. */
  leave(): void;
  /** Ends the connection, and the conversation for this browser. */
  forget(): void;
  /** Another tab began or ended the conversation. */
  onActive(listener: (active: boolean) => void): void;
}

/** Keys in the storage, called as Messenger calls them. */
const TOKEN = 'actmu';
const ACTIVE = 'gcmcsessionActive';

const PAGE_SIZE = 25;
const CANNOT_DOWNGRADE = 4017;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
const APPLICATION = 'genesys-emulator';

export const createSession = (parts: {
  readonly origin: string;
  readonly config: DeploymentConfig;
  readonly storage: Storage;
  readonly auth: Auth;
  readonly events: SessionEvents;
}): Session => {
  const { origin, config, storage, auth, events } = parts;
  const apiEndpoint = config.apiEndpoint ?? origin;
  let authenticated = false;
  let live = false;
  let starting: Promise<Started> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const isActive = () => storage.read<boolean>(ACTIVE) === true;
  const credentials = createCredentials(auth, config, isActive);
  const socket = createGuestSocket(addressOf(origin, config), {
    frame: events.frame,
    lost: () => comeBack(0),
  });

  const identity = () => {
    const token = storage.read<string>(TOKEN) ?? crypto.randomUUID();
    storage.write(TOKEN, token);
    return { token, deploymentId: config.id };
  };
  const ask = (action: string, request: Readonly<Record<string, unknown>> = {}) =>
    socket.ask(action, { ...identity(), ...request });
  const configure = (jwt: string | undefined, startNew: boolean) =>
    jwt === undefined
      ? ask('configureSession', { startNew })
      : ask('configureAuthenticatedSession', { startNew, data: { code: jwt } });

  const configureAgain = async (refused: Frame, jwt: string | undefined, startNew: boolean) => {
    if (jwt !== undefined && (refused.code === 401 || refused.code === 403)) {
      return configure(await auth.renew(), startNew);
    }
    if (refused.code !== CANNOT_DOWNGRADE) return refused;
    storage.remove(TOKEN);
    return configure(jwt, startNew);
  };
  const begin = async (startNew: boolean): Promise<Started> => {
    const jwt = await credentials();
    await socket.connect();
    const first = await configure(jwt, startNew);
    const last = first.code === 200 ? first : await configureAgain(first, jwt, startNew);
    if (last.code !== 200) throw last;
    live = true;
    authenticated = jwt !== undefined;
    if (!isActive()) storage.write(ACTIVE, true);
    return { ...(last.body as SessionResponse), authenticated };
  };
  const leave = () => {
    live = false;
    clearTimeout(retry);
    socket.close();
  };

  /** Comes back to a conversation whose connection was lost, later each time; a refusal ends it. */
  const comeBack = (attempt: number) => {
    live = false;
    if (!isActive()) return;
    if (attempt === 0) events.reconnecting();
    retry = setTimeout(
      () => {
        if (navigator.onLine === false) return comeBack(attempt + 1);
        begin(false).then(events.reconnected, (reason) => {
          if (reason === LOST) comeBack(attempt + 1);
        });
      },
      Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** attempt),
    );
  };
  returnFromCache(
    () => live,
    leave,
    () => void begin(false).then(events.reconnected, () => comeBack(1)),
  );

  return {
    get active() {
      return isActive();
    },
    get live() {
      return live;
    },
    get authenticated() {
      return authenticated;
    },
    start(startNew = false) {
      starting ??= begin(startNew).finally(() => {
        starting = undefined;
      });
      return starting;
    },
    ask,
    tell: (action, request) => socket.tell(action, { ...identity(), ...request }),
    async stepUp(jwt) {
      const frame = await configure(jwt, false);
      if (frame.code !== 200) throw frame;
      authenticated = true;
    },
    async history(pageNumber) {
      const { jwt } = (await ask('getJwt')).body as { jwt: string };
      const url = `${apiEndpoint}/api/v2/webmessaging/messages?pageNumber=${pageNumber}&pageSize=${PAGE_SIZE}`;
      const response = await fetch(url, { headers: { Authorization: `Bearer ${jwt}` } });
      if (!response.ok) throw new Error(`The history answered ${response.status}`);
      return (await response.json()) as HistoryPage;
    },
    leave,
    forget() {
      leave();
      storage.remove(TOKEN);
      storage.write(ACTIVE, false);
    },
    onActive: (listener) => storage.onWrite(ACTIVE, (value) => listener(value === true)),
  };
};

const addressOf = (origin: string, { id, messenger }: DeploymentConfig): string => {
  const endpoint = messenger.apps?.conversations?.messagingEndpoint ?? origin.replace(/^http/, 'ws');
  return `${endpoint}/v1?deploymentId=${encodeURIComponent(id)}&application=${APPLICATION}`;
};

/** A page with a connection is not kept in the back/forward cache: it is closed in time, and opened on return. */
const returnFromCache = (isLive: () => boolean, leave: () => void, back: () => void): void => {
  let left = false;
  addEventListener('pagehide', () => {
    left = isLive();
    if (left) leave();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && left) back();
    left = false;
  });
};
