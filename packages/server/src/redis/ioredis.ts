// Makes a client of ioredis one that the store can use: a single Redis, one behind Sentinel, or a cluster.
import type { RedisClient } from './connection.ts';

/** A client of ioredis, version 5 or newer. */
export interface IoredisClient {
  /** How the connection is. */ readonly status: string;
  /** A client of the same kind and options. */ duplicate(...options: never[]): unknown;
  /** Connects it. */ connect(): Promise<unknown>;
  /** Ends it at once. */ disconnect(): unknown;
  /** Sends a command. */ call(command: string, ...args: string[]): Promise<unknown>;
  /** Listens. */ on(event: string, listener: () => void): unknown;
}

/** What cannot be sent now is of no use later: whoever asked has gone on without it. */
const DOUBLE = { lazyConnect: true, enableOfflineQueue: false } as const;

/**
 * For `redisStore({ client: fromIoredis(redis) })`. The store connects a double of the client, and leaves it alone.
 * @throws TypeError where it is no client of ioredis
 */
export const fromIoredis = (redis: IoredisClient): RedisClient => {
  if (typeof redis?.call !== 'function' || typeof redis.duplicate !== 'function') {
    throw new TypeError('fromIoredis needs `new Redis(…)` or `new Cluster(…)` of ioredis 5 or newer');
  }
  const isCluster = 'isCluster' in redis && redis.isCluster === true;
  const duplicate = redis.duplicate.bind(redis) as (...options: unknown[]) => IoredisClient;
  return {
    get isReady() {
      return redis.status === 'ready';
    },
    get isOpen() {
      return !['wait', 'close', 'end'].includes(redis.status);
    },
    duplicate: () => fromIoredis(isCluster ? duplicate([], DOUBLE) : duplicate(DOUBLE)),
    connect: () => redis.connect(),
    destroy: () => redis.disconnect(),
    on: (event, listener) => redis.on(event, listener),
    sendCommand: ([name = '', ...args]: readonly string[]) => redis.call(name, ...args),
  };
};
