// The connections that the store opens: by URL, or as doubles of the client that the site has, which stays the site's.
import type { Log } from '../observe/log.ts';

/**
 * A client whose double the store can connect: what `createClient()`, `createCluster()` and `createSentinel()` of
 * `@redis/client` and `redis` (version 5 or newer) return, and `fromIoredis(…)`.
 */
export interface RedisClient {
  /** Whether it is connected or tries to be. */ readonly isOpen: boolean;
  /** Whether commands can be sent. */ readonly isReady?: boolean;
  /** A client of the same kind and options, not connected yet. */
  duplicate(): unknown;
  /** Connects it. */ connect(): Promise<unknown>;
  /** Ends it at once. */ destroy(): unknown;
  /** Listens. */ on(event: string, listener: () => void): unknown;
  /** Sends a command. */ sendCommand(...args: never[]): Promise<unknown>;
}

/** What the store needs of a client: the same for one Redis, for a cluster and for Sentinel. */
export interface RedisConnection {
  /** Whether commands can be sent now. */
  readonly isReady: boolean;
  /** Whether it is connected or still tries to be, by itself. */
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  /** Sends a command to where this key lies. Rejects with Redis' own message where Redis answers one. */
  send(args: string[], key: string): Promise<unknown>;
  /** Ends it at once. */
  destroy(): void;
  on(event: 'ready' | 'error' | 'end', listener: (error?: unknown) => void): void;
}

export interface RedisSource {
  readonly url?: string | undefined;
  readonly client?: RedisClient | undefined;
}

/** Milliseconds that a connection may take. */
const CONNECT_LIMIT = 2_000;

/** Commands that wait for their answers: a Redis that hangs shall not fill the memory with them. */
const MAX_COMMANDS = 10_000;

const INSTALL =
  'redisStore({ url }) needs the official client, and works without Redis until then: npm install @redis/client';

/** Opens one connection after the other. */
export const connectionsTo = ({ url, client }: RedisSource, log: Log): (() => Promise<RedisConnection>) => {
  if (client) return async () => adapt(client.duplicate() as OfficialClient);
  // Loaded only here, so that a site without Redis need not install it.
  const loading = import('@redis/client').catch(() => {
    log('error', INSTALL);
    process.emitWarning(INSTALL, { code: 'GENESYS_GUEST_REDIS' });
    throw new Error('@redis/client is not installed');
  });
  loading.catch(() => {});
  return async () => {
    const { createClient } = await loading;
    const own = createClient({
      url: url as string,
      // What cannot be sent now is of no use later: whoever asked has gone on without it.
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_COMMANDS,
      // We come back by ourselves: the client's own timer would outlive close().
      socket: { connectTimeout: CONNECT_LIMIT, reconnectStrategy: false },
    });
    return adapt(own as unknown as OfficialClient);
  };
};

/** The official client of each kind, as far as it is used. */
interface OfficialClient {
  readonly isReady?: boolean;
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy(): unknown;
  sendCommand(...args: unknown[]): Promise<unknown>;
  on(event: string, listener: (error?: unknown) => void): unknown;
}

/** Whatever the site's own client maps answers to. */
const TEXTS = { typeMapping: {} };

const adapt = (client: OfficialClient): RedisConnection => {
  const isCluster = 'masters' in client;
  const isSentinel = 'acquire' in client;
  return {
    get isReady() {
      return client.isReady ?? client.isOpen;
    },
    get isOpen() {
      return client.isOpen;
    },
    connect: () => client.connect(),
    send: (args, key) => {
      if (isCluster) return client.sendCommand(key, false, args, TEXTS);
      return isSentinel ? client.sendCommand(false, args, TEXTS) : client.sendCommand(args, TEXTS);
    },
    destroy: () => {
      const ended = client.destroy();
      if (ended instanceof Promise) ended.catch(() => {});
    },
    on: (event, listener) => {
      // An error of one node says nothing of the others; a client without any listener would end the process.
      const isOfOneNode = event === 'error' && (isCluster || isSentinel);
      client.on(event, isOfOneNode ? () => {} : listener);
    },
  };
};
