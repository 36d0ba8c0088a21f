// A session on the guest socket: begun as whoever the visitor is, kept over lost connections and frozen pages.
import type { Auth } from './auth.ts';
import { createComeback, leaveForCache } from './comeback.ts';
import type { DeploymentConfig } from './deployment.ts';
import { createHandshake, type Handshake, type Started } from './handshake.ts';
import { createGuestSocket } from './socket.ts';
import type { Storage } from './storage.ts';
import type { Frame, Message } from './wire.ts';

export interface HistoryPage {
  /** Newest first. */
  readonly entities: readonly Message[];
  readonly pageNumber: number;
  readonly pageCount: number;
}

export interface Session extends Pick<Handshake, 'ask' | 'tell' | 'stepUp'> {
  /** Whether a conversation goes on in this browser. */
  readonly active: boolean;
  /** Whether this page takes part in it now. */
  readonly live: boolean;
  readonly authenticated: boolean;
  /** Connects and configures; rejects as `Handshake.begin` does. */
  start(startNew?: boolean): Promise<Started>;
  history(pageNumber: number): Promise<HistoryPage>;
  /** Ends the connection; the session goes on. */
  leave(): void;
  /** Ends the connection, and the conversation for this browser. */
  forget(): void;
  /** Another tab began or ended the conversation. */
  onActive(listener: (active: boolean) => void): void;
}

export interface SessionParts {
  /** Where the script came from. */
  readonly origin: string;
  readonly config: DeploymentConfig;
  readonly storage: Storage;
  readonly auth: Auth;
  readonly events: {
    frame(frame: Frame): void;
    reconnecting(): void;
    reconnected(): void;
  };
}

/** Whether there is a conversation, called as Messenger calls it. */
const ACTIVE = 'gcmcsessionActive';
const APPLICATION = 'genesys-emulator';

export const createSession = ({ origin, config, storage, auth, events }: SessionParts): Session => {
  const now = { live: false, authenticated: false };
  let starting: Promise<Started> | undefined;

  const isActive = () => storage.read<boolean>(ACTIVE) === true;
  const lost = () => {
    now.live = false;
    comeback.lost();
  };
  const socket = createGuestSocket(addressOf(origin, config), { frame: events.frame, lost });
  const handshake = createHandshake({ socket, storage, auth, config, isActive });
  const begin = async (startNew = false): Promise<Started> => {
    const started = await handshake.begin(startNew);
    Object.assign(now, { live: true, authenticated: started.authenticated });
    if (!isActive()) storage.write(ACTIVE, true);
    return started;
  };
  const comeback = createComeback({ wanted: isActive, begin, ...events });
  const leave = () => {
    now.live = false;
    comeback.stop();
    socket.close();
  };
  leaveForCache(
    () => now.live,
    leave,
    () => void begin().then(events.reconnected, comeback.lost),
  );

  return {
    ask: handshake.ask,
    tell: handshake.tell,
    get active() {
      return isActive();
    },
    get live() {
      return now.live;
    },
    get authenticated() {
      return now.authenticated;
    },
    start(startNew) {
      starting ??= begin(startNew).finally(() => {
        starting = undefined;
      });
      return starting;
    },
    async stepUp(jwt) {
      await handshake.stepUp(jwt);
      now.authenticated = true;
    },
    history: async (pageNumber) => {
      const { jwt } = (await handshake.ask('getJwt')).body as { jwt: string };
      return readHistory(config.apiEndpoint ?? origin, jwt, pageNumber);
    },
    leave,
    forget() {
      leave();
      now.authenticated = false;
      handshake.forget();
      storage.write(ACTIVE, false);
    },
    onActive: (listener) => storage.onWrite(ACTIVE, (value) => listener(value === true)),
  };
};

const addressOf = (origin: string, { id, messenger }: DeploymentConfig): string => {
  const endpoint = messenger.apps?.conversations?.messagingEndpoint ?? origin.replace(/^http/, 'ws');
  return `${endpoint}/v1?deploymentId=${encodeURIComponent(id)}&application=${APPLICATION}`;
};

const PAGE_SIZE = 25;

const readHistory = async (apiEndpoint: string, jwt: string, pageNumber: number): Promise<HistoryPage> => {
  const url = `${apiEndpoint}/api/v2/webmessaging/messages?pageNumber=${pageNumber}&pageSize=${PAGE_SIZE}`;
  const response = await fetch(url, { headers: { Authorization: `Bearer ${jwt}` } });
  if (!response.ok) throw new Error(`The history answered ${response.status}`);
  return (await response.json()) as HistoryPage;
};
