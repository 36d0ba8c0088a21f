// Connects to Redis: with the official client by URL, or through the client that the site has.
import type { Log } from '../observe/log.ts';
import { type Connection, createConnection } from './connection.ts';
import type { RedisClient, RedisSubscriber } from './redis-client.ts';

export interface ConnectOptions {
  readonly url?: string | undefined;
  readonly client?: RedisClient | undefined;
}

export interface ConnectContext {
  readonly onConnected: () => void;
  readonly onLost: (error: unknown) => void;
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  readonly onListening: () => void;
  readonly onDeaf: () => void;
  readonly random: () => number;
  readonly log: Log;
}

export interface Connections {
  readonly main: Connection<Pick<RedisClient, 'sendCommand'>>;
  readonly subscriber: Connection<RedisSubscriber>;
}

/** Milliseconds that a connection may take. */
const CONNECT_LIMIT = 2_000;

/** Commands that wait for their answers: a Redis that hangs shall not fill the memory with them. */
const MAX_COMMANDS = 10_000;

const INSTALL =
  'redisStore({ url }) needs the official client, and works without Redis until then: npm install @redis/client';

export const connectTo = ({ url, client }: ConnectOptions, context: ConnectContext): Connections => {
  const { onConnected, onLost, channel, onMessage, onListening, onDeaf, random } = context;
  const listen = (open: () => RedisSubscriber | Promise<RedisSubscriber>) =>
    createConnection(open, {
      onReady: async (subscriber) => {
        await subscriber.subscribe(channel, onMessage);
        onListening();
      },
      onLost: onDeaf,
      random,
    });
  if (client) return { main: borrowed(client, context), subscriber: listen(() => client.duplicate()) };

  const create = official(url as string, context.log);
  return {
    main: createConnection(create, { onReady: onConnected, onLost, random }),
    subscriber: listen(create),
  };
};

/** Loaded only here, so that a site without Redis need not install it. */
const official = (url: string, log: Log) => {
  const loading = import('@redis/client').catch(() => {
    log('error', INSTALL);
    process.emitWarning(INSTALL, { code: 'GENESYS_GUEST_REDIS' });
    throw new Error('@redis/client is not installed');
  });
  loading.catch(() => {});
  return async () => {
    const { createClient } = await loading;
    return createClient({
      url,
      // What cannot be sent now is of no use later: whoever asked has gone on without it.
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_COMMANDS,
      // We come back by ourselves: the client's own timer would outlive close().
      socket: { connectTimeout: CONNECT_LIMIT, reconnectStrategy: false },
    });
  };
};

/** The site's own client: it connects and comes back by itself, and stays open when we go. */
const borrowed = (
  client: RedisClient,
  { onConnected, onLost }: Pick<ConnectContext, 'onConnected' | 'onLost'>,
): Connection<RedisClient> => {
  client.on('ready', onConnected);
  client.on('error', onLost);
  client.on('end', onLost);
  // Not before the store stands.
  if (client.isReady) queueMicrotask(onConnected);
  return {
    get ready() {
      return client.isReady ? client : undefined;
    },
    renew: () => {},
    close: () => {
      client.off('ready', onConnected);
      client.off('error', onLost);
      client.off('end', onLost);
    },
  };
};
