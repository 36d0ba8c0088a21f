// Every command to Redis goes through here: none waits long, and a Redis that is away, hangs or refuses is not asked on
// each call, but looked at behind.
import { backoff, networkError } from '@genesys-guest/common';
import { sleep } from '../lib/timers.ts';
import type { Log } from '../observe/log.ts';
import type { Failing } from '../observe/ports.ts';
import { StoreUnavailable } from '../store/ports.ts';
import { messageOf, NO_WRITES, NoAnswer, OF_ONE_KEY, reasonOf } from './command-errors.ts';
import { type Double, isOne, type Send, sendBy } from './connection.ts';
import type { Names } from './keys.ts';
import { PROBE } from './scripts.ts';

/** Milliseconds that a command may take. */
export const COMMAND_LIMIT = 250;

/** Milliseconds between two tries of a command whose slot of a cluster moves. */
const TRY_AGAIN = 50;

/** Milliseconds that the first commands of a process wait for the first connection, unless it fails before. */
const FIRST_CONNECTION = 2_000;

/** Milliseconds between two looks at a Redis that is away, hangs or refuses. */
const LOOKS = { base: 100, cap: 5_000 } as const;

/** Milliseconds that are added to every wait, so that a Redis which is just starting is left alone for a moment. */
const PAUSE = 100;

/** Looks without any answer after which the connection itself is taken to be dead. */
const SILENT_LOOKS = 5;

export interface CommandsContext {
  /** Makes one client after the other, not connected yet. */
  readonly open: () => Promise<Double>;
  readonly names: Names;
  /** Host and port, where they are known. */
  readonly at?: string | undefined;
  readonly log: Log;
  /** Redis can be used, at first or again. Commands given here go before all others. @param time Redis' own, in ms */
  readonly onUsable: (time: number, askedAt: number) => void;
  readonly now: () => number;
}

const NOT_CONNECTED = new StoreUnavailable('not connected');

export class Commands {
  readonly #context: CommandsContext;
  #client: Double | undefined;
  /** Why nothing is asked, or only what writes nothing: not before a first probe has come back. */
  #trouble: unknown = NOT_CONNECTED;
  #since: number;
  /** The reasons that the log has of this trouble. */
  readonly #said = new Set<string>();
  #closed = false;
  #looks = 0;
  #nextLook: NodeJS.Timeout | undefined;
  /** The slot in which the trouble was. */
  #hashTag = '{probe}';
  readonly #firstIsOver = new AbortController();
  readonly #first = sleep(FIRST_CONNECTION, this.#firstIsOver.signal, false);

  constructor(context: CommandsContext) {
    this.#context = context;
    this.#since = context.now();
    void this.#look();
  }

  get state(): 'connected' | 'unavailable' {
    return this.#trouble || !this.#send ? 'unavailable' : 'connected';
  }

  /** Why it cannot be used, and since when. */
  get failing(): Failing[] {
    const reason = `Redis: ${reasonOf(this.#trouble ?? NOT_CONNECTED)}`;
    return this.state === 'connected' ? [] : [{ what: 'store', reason, since: this.#since }];
  }

  /**
   * Scripts are sent with their texts: a try by the hash alone, where Redis does not know it, could be overtaken.
   * @throws StoreUnavailable after {@link COMMAND_LIMIT}; only the very first commands also wait for a connection
   */
  run(script: string, keys: readonly string[], args: readonly (string | number)[] = []): Promise<unknown> {
    const command = ['EVAL', script, String(keys.length), ...keys, ...args.map(String)];
    return this.#allowed(true, command, keys[0] as string);
  }

  /** What lies under these keys. @throws StoreUnavailable as `run` */
  read(keys: readonly string[]): Promise<readonly unknown[]> {
    return this.#allowed(false, ['MGET', ...keys], keys[0] as string) as Promise<readonly unknown[]>;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#nextLook);
    this.#firstIsOver.abort();
    this.#drop();
  }

  get #send(): Send | undefined {
    return this.#client && sendBy(this.#client);
  }

  async #allowed(writes: boolean, command: string[], key: string): Promise<unknown> {
    await this.#first;
    if (this.#closed) throw new StoreUnavailable('closed');
    try {
      if (this.#trouble && (writes || !NO_WRITES.test(messageOf(this.#trouble)))) throw this.#trouble;
      return await this.#ask(command, key);
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : new StoreUnavailable(reasonOf(error));
    }
  }

  /** @param tries while a slot of a cluster moves: as long as a command may take */
  async #ask(args: string[], key: string, tries = COMMAND_LIMIT / TRY_AGAIN): Promise<unknown> {
    const send = this.#send;
    if (!send) throw NOT_CONNECTED;
    try {
      return await withTimeLimit(send(args, key));
    } catch (error) {
      const message = messageOf(error);
      if (tries > 0 && message.startsWith('TRYAGAIN')) {
        await sleep(TRY_AGAIN, undefined, false);
        return this.#ask(args, key, tries - 1);
      }
      if (!OF_ONE_KEY.test(message)) {
        this.#hashTag = /\{[^}]*\}/.exec(key)?.[0] ?? this.#hashTag;
        this.#inTrouble(error);
      }
      throw error;
    }
  }

  #inTrouble(error: unknown): void {
    if (this.#closed) return;
    const { log, at, now } = this.#context;
    const reason = reasonOf(error);
    if (!this.#trouble) this.#since = now();
    // What a Redis answers that comes back otherwise, as with a password, is the cause that the first line cannot name.
    const isNews = /^[A-Z]{3,}\b/.test(messageOf(error)) && !this.#said.has(reason);
    if (!this.#trouble || this.#trouble === NOT_CONNECTED || isNews) {
      this.#said.add(reason);
      const { what, fix } = networkError({ code: reason });
      log('warn', UNAVAILABLE, { reason, at, what, fix });
    }
    this.#trouble = error;
    if (this.#nextLook) return;
    this.#looks += 1;
    const wait = PAUSE + backoff(this.#looks, LOOKS, Math.random());
    this.#nextLook = setTimeout(() => void this.#look(), wait);
    this.#nextLook.unref();
  }

  async #connect(): Promise<void> {
    let client: Double | undefined;
    try {
      const own = await this.#context.open();
      if (this.#closed || this.#client) return;
      this.#client = client = own;
      // An error of one node says nothing of the others; a client without any listener would end the process.
      own.on('error', (error) => isOne(own) && this.#lost(own, error));
      own.on('end', (error) => this.#lost(own, error));
      own.on('ready', () => void this.#look());
      await own.connect();
      await this.#look();
    } catch (error) {
      this.#lost(client, error, true);
    }
  }

  #lost(client: Double | undefined, error: unknown = new StoreUnavailable('closed'), isOver = false): void {
    if (this.#client !== client) return;
    // A given client's double may come back by itself; ours does not.
    if (!client?.isOpen || isOver) this.#drop();
    this.#inTrouble(error);
    this.#firstIsOver.abort();
  }

  #drop(): void {
    const lost = this.#client;
    this.#client = undefined;
    // It may have ended already: some throw then, and some reject.
    const end = async () => lost?.destroy();
    end().catch(() => {});
  }

  /** Asked behind, so that no visitor waits to find out whether Redis is back. */
  async #look(): Promise<void> {
    clearTimeout(this.#nextLook);
    this.#nextLook = undefined;
    if (!this.#client) return this.#connect();
    const askedAt = this.#context.now();
    try {
      const key = this.#context.names.key('probe', this.#hashTag);
      const time = await this.#ask(['EVAL', PROBE, '1', key], key);
      this.#recovered(Number(time), askedAt);
    } catch {
      // What is wrong was noted where it was asked. A name may lead to another Redis by now, and a connection on which
      // nothing comes back may be none.
      const isSilent = this.#trouble instanceof NoAnswer && this.#looks % SILENT_LOOKS === 0;
      const isReadOnly = reasonOf(this.#trouble) === 'READONLY';
      if (this.#send && (isSilent || isReadOnly)) this.#drop();
    } finally {
      this.#firstIsOver.abort();
    }
  }

  #recovered(time: number, askedAt: number): void {
    if (this.#closed) return;
    const { log, at, onUsable } = this.#context;
    if (this.#trouble) log('info', 'Redis is connected', { at });
    this.#trouble = undefined;
    this.#said.clear();
    this.#looks = 0;
    onUsable(time, askedAt);
  }
}

const UNAVAILABLE = 'Redis is unavailable: this instance works alone until it returns';

/** What the answer is, if it comes in time. Where it lies there already, as this process hardly ran, it is read before. */
const withTimeLimit = <T>(answer: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = () => setImmediate(() => reject(new NoAnswer('no answer in time')));
    const timer = setTimeout(late, COMMAND_LIMIT);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
