// Every question to Redis goes through here: none waits long, and one that hangs or refuses is not asked on each call.
import { backoff } from '@genesys-guest/common';
import type { Log } from '../observe/log.ts';
import { createPatience, Silence } from './command-time-limit.ts';
import type { RedisClient } from './redis-client.ts';
import type { Script } from './scripts.ts';

export interface Link {
  /** @throws StoreUnavailable after `OPERATION_LIMIT` at most; only the very first questions wait for a connection */
  run(script: Script, keys: readonly string[], args?: readonly (string | number)[]): Promise<unknown>;
  readonly state: 'connected' | 'unavailable';
  /** The connection stands, at first or again. */
  connected(): void;
  /** It does not. */
  lost(error: unknown): void;
  close(): void;
}

/** Redis is of no use for this question now. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Milliseconds that the first questions of a process wait for the first connection, unless it fails before. */
const FIRST_CONNECTION = 2_000;

/** Milliseconds between two looks at a Redis that hangs or refuses. */
const PROBES = { base: 500, cap: 5_000 } as const;
const PROBE_PAUSE = 100;

/** Looks without any answer after which the connection itself is taken to be dead. */
const SILENT_PROBES = 3;

/** What Redis answers while it takes no writes, or no command at all. Older versions wrap it in `ERR Error running script`. */
const REFUSAL =
  /\b(OOM|READONLY|MISCONF|NOREPLICAS|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|NOAUTH|NOPERM|WRONGPASS)\b/;

export interface LinkContext {
  readonly client: () => Pick<RedisClient, 'sendCommand'> | undefined;
  /** A key that may be written to find out whether Redis takes writes. */
  readonly probeKey: string;
  readonly log: Log;
  readonly random: () => number;
  /** Redis can be used, at first or again. */
  readonly onUsable: () => void;
  /** Called where the connection stands and nothing comes back. */
  readonly onSilent: () => void;
}

export const createLink = (context: LinkContext): Link => {
  const { client, log, random } = context;
  /** `silent`: nothing is asked; `refusing`: only what writes nothing. */
  let trouble: { readonly kind: 'silent' | 'refusing'; readonly reason: string } | undefined;
  let told: Link['state'] | undefined;
  const patience = createPatience();
  let closed = false;
  let probes = 0;
  let timer: NodeJS.Timeout | undefined;
  let begun: (() => void) | undefined;
  const firstTry = new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, FIRST_CONNECTION);
    limit.unref();
    begun = () => {
      clearTimeout(limit);
      resolve();
    };
  });

  const tell = (state: Link['state'], reason?: string): void => {
    if (closed || told === state) return;
    told = state;
    if (state === 'connected') log('info', 'Redis is connected');
    else log('warn', 'Redis is unavailable: this instance works alone until it returns', { reason });
  };

  const ask = async (args: string[]): Promise<unknown> => {
    const to = client();
    if (!to) throw new StoreUnavailable('not connected');
    try {
      return await patience.within(to.sendCommand(args));
    } catch (error) {
      if (error instanceof Silence) inTrouble('silent', 'no answer in time');
      const refusal = REFUSAL.exec(messageOf(error))?.[1];
      if (refusal) inTrouble('refusing', refusal);
      throw error;
    }
  };

  const inTrouble = (kind: 'silent' | 'refusing', reason: string): void => {
    if (closed) return;
    trouble = { kind, reason };
    tell('unavailable', reason);
    if (!timer) probeLater();
  };

  const probeLater = (): void => {
    probes += 1;
    timer = setTimeout(probe, PROBE_PAUSE + backoff(probes, PROBES, random()));
    timer.unref();
  };

  /** Asked behind, so that no visitor waits to find out whether Redis is back. */
  const probe = async (): Promise<void> => {
    timer = undefined;
    try {
      await ask(['SET', context.probeKey, '1', 'PX', '1000']);
      recovered();
    } catch {
      if (closed) return;
      if (trouble?.kind === 'silent' && probes % SILENT_PROBES === 0) context.onSilent();
      if (trouble && !timer) probeLater();
    }
  };

  const recovered = (): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = undefined;
    trouble = undefined;
    probes = 0;
    tell('connected');
    context.onUsable();
  };

  /** By its hash, and with its text where Redis does not know it yet. */
  const evaluate = async ({ sha, text, whole }: Script, rest: string[]): Promise<unknown> => {
    if (whole) return ask(['EVAL', text, ...rest]);
    try {
      return await ask(['EVALSHA', sha, ...rest]);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return ask(['EVAL', text, ...rest]);
    }
  };

  return {
    run: async (script, keys, args = []) => {
      if (begun) await firstTry;
      if (closed || !client()) throw new StoreUnavailable('not connected');
      if (trouble && (trouble.kind === 'silent' || script.writes)) throw new StoreUnavailable(trouble.reason);
      try {
        return await evaluate(script, [String(keys.length), ...keys, ...args.map(String)]);
      } catch (error) {
        throw error instanceof StoreUnavailable ? error : new StoreUnavailable(messageOf(error));
      }
    },
    get state() {
      return client() && !trouble ? 'connected' : 'unavailable';
    },
    connected: () => {
      begun?.();
      begun = undefined;
      recovered();
    },
    lost: (error) => {
      begun?.();
      begun = undefined;
      tell('unavailable', reasonOf(error));
    },
    close: () => {
      closed = true;
      begun?.();
      begun = undefined;
      clearTimeout(timer);
      patience.close();
    },
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A code or Redis' own first word: a whole message might hold what was in the URL. */
const reasonOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return REFUSAL.exec(messageOf(error))?.[1] ?? (error instanceof Error ? error.constructor.name : 'closed');
};
