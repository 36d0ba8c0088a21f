// The bus on which Messenger's plugins and the page's speak: events, some of them replayed, and commands.

/** What a subscriber gets. A replay to a late one comes without `eventName`. */
export interface Envelope {
  readonly time: number;
  readonly publisher: string;
  readonly event: string;
  readonly eventName?: string;
  readonly data: unknown;
}

export type Subscriber = (envelope: Envelope) => void;

/** What the handler of a command gets. */
export interface CommandEvent {
  readonly commander: string;
  readonly command: string;
  readonly data: Readonly<Record<string, unknown>>;
  resolve(value?: unknown): void;
  reject(reason?: unknown): void;
}

/** What `registerPlugin` hands to its callback. */
export interface Plugin {
  registerCommand(name: string, handler: (event: CommandEvent) => void): void;
  subscribe(event: string, callback: Subscriber): string;
  /** Takes away every callback of this plugin for `event`; whether there was one. */
  unsubscribe(event: string): boolean;
  publish(event: string, data?: unknown): void;
  /** As `publish`, and again to each who subscribes later. */
  republish(event: string, data?: unknown): void;
  command(name: string, options?: unknown): Promise<unknown>;
  data(name: string, value?: unknown): unknown;
  ready(): void;
}

export interface Bus {
  /** @throws Error where the name is taken */
  plugin(name: string): Plugin;
  subscribe(subscriber: string, event: string, callback: Subscriber): void;
  /** Takes away every callback of this subscriber for `event`; whether there was one. */
  unsubscribe(subscriber: string, event: string): boolean;
  command(commander: string, name: string, options?: unknown): Promise<unknown>;
  /** Whether the plugin is there and has called `ready()`. */
  isReady(plugin: string): boolean;
  /** Commands of this plugin wait until it takes them, instead of being refused. */
  expect(plugin: string): void;
  /** The plugin takes commands from now on, those that waited first. */
  accept(plugin: string): void;
  /** From now on every command of these plugins is refused. */
  refuse(plugins: readonly string[], reason: string): void;
}

/** Who listens to which event, and what late listeners are told again. */
const createTopics = () => {
  const subscribers = new Map<string, { readonly subscriber: string; readonly callback: Subscriber }[]>();
  const replays = new Map<string, Envelope>();

  /** Never within the call that caused it: a page must not come to rely on order. */
  const soon = (callback: Subscriber, envelope: Envelope) => setTimeout(() => callback(envelope), 0);

  const publish = (publisher: string, eventName: string, data: unknown): Envelope => {
    const event = `${publisher}.${eventName}`;
    const envelope = { time: Date.now(), publisher, event, data: data ?? {} };
    for (const { callback } of subscribers.get(event) ?? []) soon(callback, { ...envelope, eventName });
    return envelope;
  };

  const subscribe = (subscriber: string, event: string, callback: Subscriber) => {
    subscribers.set(event, [...(subscribers.get(event) ?? []), { subscriber, callback }]);
    const last = replays.get(event);
    if (last) soon(callback, last);
  };

  const unsubscribe = (subscriber: string, event: string): boolean => {
    const before = subscribers.get(event) ?? [];
    const after = before.filter((entry) => entry.subscriber !== subscriber);
    subscribers.set(event, after);
    return after.length < before.length;
  };

  const replay = (event: string, envelope: Envelope): void => void replays.set(event, envelope);
  return { publish, subscribe, unsubscribe, replay };
};

export const createBus = (): Bus => {
  const plugins = new Set<string>();
  const commands = new Map<string, (event: CommandEvent) => void>();
  const model = new Map<string, unknown>();
  const awaited = new Map<string, (() => void)[]>();
  const refused = new Map<string, string>();
  const readyPlugins = new Set<string>();

  const { publish, subscribe, unsubscribe, replay } = createTopics();

  const run = (commander: string, name: string, data: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const reason = refused.get(ownerOf(name));
      const handler = commands.get(name);
      if (reason !== undefined) return reject(reason);
      if (!handler) return reject(`Command ${name} is not registered`);
      handler({ commander, command: name, data: (data ?? {}) as Record<string, unknown>, resolve, reject });
    });

  const command = (commander: string, name: string, data?: unknown): Promise<unknown> => {
    const waiting = awaited.get(ownerOf(name));
    if (!waiting) return run(commander, name, data);
    return new Promise((resolve, reject) => {
      waiting.push(() => run(commander, name, data).then(resolve, reject));
    });
  };

  const accept = (name: string) => {
    const waiting = awaited.get(name) ?? [];
    awaited.delete(name);
    for (const go of waiting) go();
  };

  return {
    subscribe,
    unsubscribe,
    command,
    accept,
    isReady: (name) => readyPlugins.has(name),
    expect: (name) => void awaited.set(name, []),
    refuse(names, reason) {
      for (const name of names) {
        refused.set(name, reason);
        accept(name);
      }
    },
    plugin(name) {
      if (plugins.has(name)) throw new Error(`Can't register plugin ${name} -- Name is already taken`);
      plugins.add(name);
      const own = (key: string) => (key.includes('.') ? key : `${name}.${key}`);
      const republish = (event: string, data?: unknown) => {
        replay(`${name}.${event}`, publish(name, event, data));
      };
      return {
        registerCommand: (command, handler) => void commands.set(`${name}.${command}`, handler),
        subscribe(event, callback) {
          subscribe(name, event, callback);
          return event;
        },
        unsubscribe: (event) => unsubscribe(name, event),
        publish: (event, data) => void publish(name, event, data),
        republish,
        command: (wanted, options) => command(name, wanted, options),
        data(key, value) {
          if (value !== undefined) model.set(own(key), value);
          return model.get(own(key));
        },
        ready() {
          readyPlugins.add(name);
          republish('ready');
          accept(name);
        },
      };
    },
  };
};

const ownerOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));
