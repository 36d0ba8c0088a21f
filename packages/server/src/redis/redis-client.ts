// The few things that the store asks of a Redis client: the official one has them, another client's users wrap theirs.

/**
 * A connected client. `createClient()` of `@redis/client` and `redis`, version 5 or newer, is one as it is. Around
 * another client, such as ioredis:
 *
 * ```ts
 * const wrap = (redis: Redis): RedisClient => ({
 *   get isReady() { return redis.status === 'ready'; },
 *   sendCommand: ([name, ...args]) => redis.call(name, ...args),
 *   on: (event, listener) => redis.on(event, listener),
 *   off: (event, listener) => redis.off(event, listener),
 *   duplicate: () => subscriberOf(redis.duplicate({ lazyConnect: true })),
 * });
 * ```
 */
export interface RedisClient {
  /** Whether a command can be sent now. */
  readonly isReady: boolean;
  /** Sends one command. Rejects with an Error whose message is Redis' own where it answers one, or where it is gone. */
  sendCommand(args: string[]): Promise<unknown>;
  /** A new connection to the same Redis, not connected yet: what listens can send nothing else. */
  duplicate(): RedisSubscriber;
  on(event: 'ready' | 'error' | 'end', listener: (error?: unknown) => void): unknown;
  off(event: 'ready' | 'error' | 'end', listener: (error?: unknown) => void): unknown;
}

/** A connection of its own for what other instances say. */
export interface RedisSubscriber {
  readonly isReady: boolean;
  /** Whether it is connected or still tries to be, by itself. */
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Ends the connection at once. */
  destroy(): void;
  on(event: 'ready' | 'error' | 'end', listener: (error?: unknown) => void): unknown;
  off(event: 'ready' | 'error' | 'end', listener: (error?: unknown) => void): unknown;
}
