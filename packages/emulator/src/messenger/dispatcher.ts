// The function that takes the place of the snippet's `window.Genesys`, and what it does with the snippet's queue.
import type { Bus, Subscriber } from './bus.ts';

const GLOBAL = 'Global';

type Callback = (value: unknown) => void;
const isCallback = (value: unknown): value is Callback => typeof value === 'function';
const nothing: Callback = () => undefined;

export type Dispatcher = (kind: unknown, ...rest: unknown[]) => void;

export const createDispatcher = (bus: Bus): Dispatcher => {
  const command = (name: string, rest: readonly unknown[]) => {
    // The options may be left out.
    const [options, resolve, reject] = isCallback(rest[0]) ? [{}, ...rest] : rest;
    bus
      .command(GLOBAL, name, options)
      .then(isCallback(resolve) ? resolve : nothing, isCallback(reject) ? reject : nothing);
  };
  const registerPlugin = (name: string, callback: unknown) => {
    if (!isCallback(callback)) return;
    try {
      callback(bus.plugin(name));
    } catch (error) {
      console.error(error);
    }
  };
  return (kind, ...rest) => {
    const [name, ...others] = rest;
    if (typeof name !== 'string') console.warn('Genesys: the second argument must be a name', kind, name);
    else if (kind === 'command') command(name, others);
    else if (kind === 'subscribe') {
      if (isCallback(others[0])) bus.subscribe(GLOBAL, name, others[0] as Subscriber);
    } else if (kind === 'registerPlugin') registerPlugin(name, others[0]);
    else console.warn(`Genesys: unknown action ${String(kind)}`);
  };
};

/** Runs what the snippet's function was told before the script came. An array that a rest parameter made is not taken. */
export const drain = (queue: readonly unknown[], dispatch: Dispatcher): void => {
  for (const entry of queue) {
    if (Object.prototype.toString.call(entry) === '[object Arguments]') {
      const [kind, ...rest] = [...(entry as ArrayLike<unknown> & Iterable<unknown>)];
      dispatch(kind, ...rest);
    } else {
      console.warn('Genesys: an entry of the queue is not an `arguments` object and is left out', entry);
    }
  }
};
