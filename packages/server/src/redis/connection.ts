// Keeps one connection, by URL or as a double of the site's own client: opens it behind, and again when it is lost.
import { backoff } from '@genesys-guest/common';
import type { Log } from '../observe/log.ts';
import type { Commands, Send } from './commands.ts';

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

/** A double, as far as it is used. */
interface Double extends Omit<RedisClient, 'on' | 'sendCommand'> {
  on(event: string, listener: (error?: unknown) => void): unknown;
  sendCommand(...args: unknown[]): Promise<unknown>;
}

export interface RedisSource {
  readonly url?: string | undefined;
  readonly client?: RedisClient | undefined;
}

/** Milliseconds that a connection may take. */
const CONNECT_LIMIT = 2_000;

/** Commands that wait for their answers: a Redis that hangs shall not fill the memory with them. */
const MAX_COMMANDS = 10_000;

/** Milliseconds between two tries. */
const TRIES = { base: 100, cap: 2_000 } as const;

/** Milliseconds that are added to every wait, so that a Redis which is just starting is left alone for a moment. */
const PAUSE = 50;

/** Whatever the site's own client maps answers to. */
const TEXTS = { typeMapping: {} };

const INSTALL =
  'redisStore({ url }) needs the official client, and works without Redis until then: npm install @redis/client';

export class Connection {
  readonly #open: () => Promise<Double>;
  readonly #commands: Pick<Commands, 'connected' | 'lost'>;
  #client: Double | undefined;
  #isClosed = false;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param commands hear of it each time that it stands, and with each try that fails */
  constructor(source: RedisSource, log: Log, commands: Pick<Commands, 'connected' | 'lost'>) {
    this.#open = doublesOf(source, log);
    this.#commands = commands;
    void this.#attempt();
  }

  /** `undefined` while no command can be sent. */
  get send(): Send | undefined {
    const client = this.#client;
    if (!client || !isReady(client)) return undefined;
    if ('masters' in client) return (args, key) => client.sendCommand(key, false, args, TEXTS);
    const first = 'acquire' in client ? [false] : [];
    return (args) => client.sendCommand(...first, args, TEXTS);
  }

  /** Gives up a connection and opens another: whoever asks for it knows why. */
  renew(): void {
    if (this.#client) this.#openAgain();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #attempt(): Promise<void> {
    let own: Double | undefined;
    try {
      own = await this.#open();
      this.#client = own;
      if (this.#isClosed) return this.#drop();
      const client = own;
      const failed = (error: unknown) => this.#failed(client, error);
      // An error of one node says nothing of the others; a client without any listener would end the process.
      client.on('error', 'masters' in client || 'acquire' in client ? () => {} : failed);
      client.on('end', failed);
      client.on('ready', () => this.#became(client));
      await client.connect();
      this.#became(client);
    } catch (error) {
      this.#failed(own, error, true);
    }
  }

  #became(client: Double): void {
    if (this.#isClosed || this.#client !== client || !isReady(client)) return;
    this.#tries = 0;
    this.#commands.connected();
  }

  #failed(client: Double | undefined, error: unknown, isOver = false): void {
    if (this.#isClosed || this.#client !== client) return;
    this.#commands.lost(error);
    // A given client's double may come back by itself; ours does not.
    if (client?.isOpen && !isOver) return;
    this.#openAgain();
  }

  #openAgain(): void {
    this.#drop();
    clearTimeout(this.#timer);
    this.#tries += 1;
    const wait = PAUSE + backoff(this.#tries, TRIES, Math.random());
    this.#timer = setTimeout(() => void this.#attempt(), wait);
    this.#timer.unref();
  }

  #drop(): void {
    const lost = this.#client;
    this.#client = undefined;
    // It may have ended already: some throw then, and some reject.
    const end = async () => lost?.destroy();
    end().catch(() => {});
  }
}

const isReady = ({ isReady = true, isOpen }: Double): boolean => isReady && isOpen;

/** Makes one double after the other. */
const doublesOf = ({ url = '', client }: RedisSource, log: Log): (() => Promise<Double>) => {
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
