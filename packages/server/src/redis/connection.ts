// What the store is connected by: a client of its own by URL, or a double of the site's own client.
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

/** What `redisStore` takes. */
export type RedisStoreOptions = {
  /** What all keys begin with. One for each group of instances that share. Default `genesys-guest`. */
  readonly prefix?: string | undefined;
  /** Guests kept in this process' memory; the rest are asked of Redis. Default 100,000, about 1 kB each. */
  readonly max?: number | undefined;
} & (
  | {
      /** `redis[s]://[[username][:password]@]host[:port][/database]`. Needs the package `@redis/client`. */
      readonly url: string;
      /** Not beside `url`. */ readonly client?: undefined;
    }
  | {
      /** The site's own client: the store connects a double of it, and leaves it alone. */
      readonly client: RedisClient;
      /** Not beside `client`. */ readonly url?: undefined;
    }
);

/** A double, as far as it is used. */
export interface Double extends Omit<RedisClient, 'on' | 'sendCommand'> {
  on(event: string, listener: (error?: unknown) => void): unknown;
  sendCommand(...args: unknown[]): Promise<unknown>;
}

/** Milliseconds that a connection may take. */
const CONNECT_LIMIT = 2_000;

/** Commands that wait for their answers: a Redis that hangs shall not fill the memory with them. */
const MAX_COMMANDS = 10_000;

/** Whatever the site's own client maps answers to. */
const TEXTS = { typeMapping: {} };

const INSTALL =
  'redisStore({ url }) needs the official client, and works without Redis until then: npm install @redis/client';

/** A single Redis, as a cluster and a sentinel are not. */
export const isOne = (client: Double): boolean => !('masters' in client || 'acquire' in client);

/** Sends a command to where this key lies. Rejects with Redis' own message where Redis answers one. */
export type Send = (args: string[], key: string) => Promise<unknown>;

/** `undefined` while no command can be sent. */
export const sendBy = (client: Double): Send | undefined => {
  if (!client.isOpen || client.isReady === false) return undefined;
  if ('masters' in client) return (args, key) => client.sendCommand(key, false, args, TEXTS);
  const first = 'acquire' in client ? [false] : [];
  return (args) => client.sendCommand(...first, args, TEXTS);
};

/** Makes one double after the other. */
export const doublesOf = ({ url = '', client }: RedisStoreOptions, log: Log): (() => Promise<Double>) => {
  if (client) return async () => client.duplicate() as Double;
  // Loaded only here, so that a site without Redis need not install it.
  const loading = import('@redis/client').catch(() => {
    log('error', INSTALL);
    process.emitWarning(INSTALL, { code: 'GENESYS_GUEST_REDIS' });
    throw new Error('@redis/client is not installed');
  });
  loading.catch(() => {});
  return async () =>
    (await loading).createClient({
      url,
      // What cannot be sent now is of no use later: whoever asked has gone on without it.
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_COMMANDS,
      // We come back by ourselves: the client's own timer would outlive close().
      socket: { connectTimeout: CONNECT_LIMIT, reconnectStrategy: false },
    }) as unknown as Double;
};
