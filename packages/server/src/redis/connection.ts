// Keeps one connection: opens it in the background, and again when it is lost, with back-off and jitter.
import { backoff } from '@genesys-guest/common';
import type { RedisConnection } from './redis-client.ts';

export interface ConnectionContext {
  readonly open: () => Promise<RedisConnection>;
  /** Connected: at first, and again after each loss. */
  readonly onReady: () => void;
  /** Not connected, for this reason; said again with each try. */
  readonly onLost: (error: unknown) => void;
  readonly random: () => number;
}

/** Milliseconds between two tries. */
const TRIES = { base: 100, cap: 2_000 } as const;

/** Milliseconds that are added to every wait, so that a Redis which is just starting is left alone for a moment. */
const PAUSE = 50;

export class Connection {
  readonly #context: ConnectionContext;
  #client: RedisConnection | undefined;
  #isClosed = false;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ConnectionContext) {
    this.#context = context;
    void this.#attempt();
  }

  /** The client, where commands can be sent now. */
  get ready(): RedisConnection | undefined {
    return this.#client?.isReady ? this.#client : undefined;
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
    let mine: RedisConnection | undefined;
    try {
      mine = await this.#context.open();
      this.#client = mine;
      if (this.#isClosed) return this.#drop();
      const own = mine;
      own.on('error', (error) => this.#failed(own, error));
      own.on('end', (error) => this.#failed(own, error));
      own.on('ready', () => this.#became(own));
      await own.connect();
      this.#became(own);
    } catch (error) {
      this.#failed(mine, error, true);
    }
  }

  #became(client: RedisConnection): void {
    if (this.#isClosed || this.#client !== client || !client.isReady) return;
    this.#tries = 0;
    this.#context.onReady();
  }

  #failed(client: RedisConnection | undefined, error: unknown, isOver = false): void {
    if (this.#isClosed || this.#client !== client) return;
    this.#context.onLost(error);
    // A given client's double may come back by itself; ours does not.
    if (client?.isOpen && !isOver) return;
    this.#openAgain();
  }

  #openAgain(): void {
    this.#drop();
    clearTimeout(this.#timer);
    this.#tries += 1;
    const wait = PAUSE + backoff(this.#tries, TRIES, this.#context.random());
    this.#timer = setTimeout(() => void this.#attempt(), wait);
    this.#timer.unref();
  }

  #drop(): void {
    const lost = this.#client;
    this.#client = undefined;
    try {
      lost?.destroy();
    } catch {
      // It has ended already.
    }
  }
}
