// Starts instances of a site as processes, and tells them what to do.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { UpstreamLimits } from '@genesys-guest/server';

const SCRIPT = fileURLToPath(new URL('instance.js', import.meta.url));

export const SECRET = 'a secret of the site, long enough';
export const NEXT_SECRET = 'the secret that comes after it...';

export interface OpenOptions {
  readonly url: string;
  readonly endpoints: object;
  readonly secrets?: readonly string[];
  readonly upstream?: Partial<UpstreamLimits>;
  readonly tokenLifetime?: number;
}

export interface Answer {
  readonly token?: string;
  readonly code?: string;
  readonly retryAfter?: number;
}

export interface Tally {
  readonly codes: Readonly<Record<string, number>>;
  readonly tokens: readonly string[];
}

export interface Load {
  readonly codes: Readonly<Record<string, number>>;
  readonly distinct: number;
}

export interface Instance {
  readonly process: ChildProcess;
  onboard(externalId: string): Promise<Answer>;
  stampede(externalId: string, calls: number): Promise<Tally>;
  load(args: { name: string; guests: number; atOnce: number; pause?: number }): Promise<Load>;
  forget(externalId: string): Promise<boolean>;
  log(): Promise<string[]>;
  unhandled(): Promise<string[]>;
  /** Closes its tokens; the process must then end by itself, as nothing may be left open. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const startInstance = async (options: OpenOptions): Promise<Instance> => {
  const child = fork(SCRIPT, { stdio: 'inherit' });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let orders = 0;
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error !== undefined) reject?.(new Error(error));
    else resolve?.(value);
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the instance ended'));
  });
  const tell = <T>(order: string, args: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      orders += 1;
      waiting.set(orders, { resolve: resolve as (value: unknown) => void, reject });
      child.send({ id: orders, order, args });
    });
  const exited = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  await tell('open', { secrets: [SECRET], ...options });
  return {
    process: child,
    onboard: (externalId) => tell('onboard', { externalId }),
    stampede: (externalId, calls) => tell('stampede', { externalId, calls }),
    load: (args) => tell('load', args),
    forget: (externalId) => tell('forget', { externalId }),
    log: () => tell('log'),
    unhandled: () => tell('unhandled'),
    close: async () => {
      void tell('close').catch(() => {});
      await exited();
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited();
    },
  };
};

export const startInstances = (count: number, options: OpenOptions): Promise<Instance[]> =>
  Promise.all(Array.from({ length: count }, () => startInstance(options)));
