// Keeps one connection: opened behind, opened anew when it is lost, with waits that grow and are spread.
import { backoff } from '@genesys-guest/common';
import type { RedisSubscriber } from './redis-client.ts';

export interface Connection<C> {
  /** The client, where commands can be sent now. */
  readonly ready: C | undefined;
  /** Gives up a connection that is silent and opens another. */
  renew(): void;
  close(): void;
}

export interface ConnectionListener<C> {
  /** Connected: at first, and again after each loss. What it rejects with ends the connection. */
  readonly onReady: (client: C) => Promise<void> | void;
  /** Not connected, for this reason; said again with each try. */
  readonly onLost: (error: unknown) => void;
  readonly random: () => number;
}

/** Milliseconds between two tries. */
const TRIES = { base: 100, cap: 2_000 } as const;

/** Milliseconds that are added to every wait, so that a Redis which is just starting is left alone for a moment. */
const PAUSE = 50;

export const createConnection = <C extends RedisSubscriber>(
  open: () => C | Promise<C>,
  { onReady, onLost, random }: ConnectionListener<C>,
): Connection<C> => {
  let client: C | undefined;
  let usable = false;
  let closed = false;
  let tries = 0;
  let timer: NodeJS.Timeout | undefined;

  const drop = (lost: C | undefined): void => {
    if (!lost) return;
    if (client === lost) client = undefined;
    try {
      lost.destroy();
    } catch {
      // It has ended already.
    }
  };

  const again = (error: unknown): void => {
    usable = false;
    if (closed) return;
    onLost(error);
    clearTimeout(timer);
    tries += 1;
    timer = setTimeout(attempt, PAUSE + backoff(tries, TRIES, random()));
    timer.unref();
  };

  const attempt = async (): Promise<void> => {
    let mine: C | undefined;
    const failed = (error: unknown): void => {
      if (closed || client !== mine) return;
      usable = false;
      // A given client's double may come back by itself; ours does not.
      if (mine?.isOpen) onLost(error);
      else {
        drop(mine);
        again(error);
      }
    };
    const became = async (): Promise<void> => {
      if (closed || !mine || client !== mine) return;
      try {
        usable = true;
        await onReady(mine);
        tries = 0;
      } catch (error) {
        if (client !== mine) return;
        drop(mine);
        again(error);
      }
    };
    try {
      mine = await open();
      if (closed) return drop(mine);
      client = mine;
      // A client without this listener would end the process on any error.
      mine.on('error', failed);
      mine.on('end', failed);
      mine.on('ready', () => void became());
      await mine.connect();
    } catch (error) {
      if (client !== mine || closed) return;
      drop(mine);
      again(error);
    }
  };

  void attempt();
  return {
    get ready() {
      return usable && client?.isReady ? client : undefined;
    },
    renew: () => {
      if (closed || !client) return;
      drop(client);
      again(new Error('no answer'));
    },
    close: () => {
      closed = true;
      usable = false;
      clearTimeout(timer);
      drop(client);
    },
  };
};
