// A Messenger for tests under jsdom, which behaves as the real one's bootstrap does on each point that hurts.
import type { GenesysEnvelope, GenesysPlugin } from '../genesys.ts';
import { type FakeAuthOptions, runAuth } from './auth.ts';

type Callback = (value: unknown) => void;

export interface FakeMessengerOptions extends FakeAuthOptions {
  /** Publishes `GenesysJS.domainNotAllowed` and never reads the queue. */
  readonly allowed?: boolean;
  readonly status?: string;
  readonly headless?: boolean;
  readonly visibility?: 'On' | 'OnDemand' | 'Off';
  /** Clear Conversation is switched on. Default: it is. */
  readonly clears?: boolean;
  /** Ms by which `Messenger.opened` comes late. */
  readonly slow?: number;
  /** Custom attributes that somebody else has set. */
  readonly attributes?: Record<string, unknown>;
  /** Replays `configurationReceived`, as the builds of today do; nothing promises it. */
  readonly tellsConfiguration?: boolean;
  /** Products that never become ready. */
  readonly silent?: readonly string[];
}

export interface FakeMessenger {
  /** What the agent would see with the visitor's next message. */
  attributes: Record<string, unknown>;
  isOpen: boolean;
  launcherVisible: boolean;
  cleared: boolean;
  /** Every command that was run, by name. */
  readonly commands: string[];
  publish(event: string, data?: unknown): void;
  republish(event: string, data?: unknown): void;
  subscribers(event: string): number;
}

/** Runs what `genesys.min.js` runs: takes the place of `window.Genesys` and reads the queue when the configuration has come. */
export const runBootstrap = (options: FakeMessengerOptions = {}): FakeMessenger => {
  const stub = window.Genesys as NonNullable<typeof window.Genesys>;
  const subscribers = new Map<string, Callback[]>();
  const replays = new Map<string, GenesysEnvelope>();
  const commands = new Map<string, (call: { data: never; resolve: Callback; reject: Callback }) => void>();
  const plugins = new Set(['Database', 'Messenger', 'Launcher', 'MessagingService', 'GenesysJS', 'Auth']);
  for (const name of options.taken ?? []) plugins.add(name);
  const ready = new Set<string>();
  const waiting: (() => void)[] = [];

  const soon = (work: () => void) => void setTimeout(work, 0);
  const deliver = (callback: Callback, envelope: GenesysEnvelope) => soon(() => callback(envelope));

  const publish = (event: string, data?: unknown): GenesysEnvelope => {
    const envelope = { time: 0, publisher: event.split('.')[0] as string, event, data: data ?? {} };
    for (const callback of subscribers.get(event) ?? []) deliver(callback, { ...envelope, eventName: event });
    return envelope;
  };
  const republish = (event: string, data?: unknown) => void replays.set(event, publish(event, data));
  const subscribe = (event: string, callback: Callback) => {
    subscribers.set(event, [...(subscribers.get(event) ?? []), callback]);
    const replay = replays.get(event);
    if (replay) deliver(callback, replay);
  };
  const command = (name: string, data: unknown, resolve: Callback, reject: Callback) => {
    const product = name.split('.')[0] as string;
    const go = () => {
      fake.commands.push(name);
      const handler = commands.get(name);
      soon(() => {
        if (fake.cleared) reject('cleared');
        else if (handler) handler({ data: data as never, resolve, reject });
        else reject('unknown');
      });
    };
    if (ready.has(product) || plugins.has(product) === false || commands.has(name) === false) go();
    else waiting.push(() => command(name, data, resolve, reject));
  };
  const registerPlugin = (name: string, register: (plugin: GenesysPlugin) => void) => {
    if (plugins.has(name)) throw new Error(`${name} is taken`);
    plugins.add(name);
    ready.add(name);
    register({
      registerCommand: (key, run) => void commands.set(`${name}.${key}`, run as never),
      publish: (event, data) => void publish(`${name}.${event}`, data),
      republish: (event, data) => republish(`${name}.${event}`, data),
      ready: () => republish(`${name}.ready`),
      subscribe: (event, callback) => subscribe(event, callback as Callback),
      unsubscribe: () => {},
      data: () => undefined,
      command: (key, data) => new Promise((resolve, reject) => command(key, data, resolve, reject)),
    });
  };

  const nothing = () => {};
  const dispatch = (action: string, name: string, ...rest: unknown[]) => {
    if (action === 'subscribe') subscribe(name, rest[0] as Callback);
    if (action === 'registerPlugin') registerPlugin(name, rest[0] as (plugin: GenesysPlugin) => void);
    if (action === 'command')
      command(name, rest[0], (rest[1] as Callback) ?? nothing, (rest[2] as Callback) ?? nothing);
  };

  const fake: FakeMessenger = {
    attributes: { ...options.attributes },
    isOpen: false,
    launcherVisible: false,
    cleared: false,
    commands: [],
    publish: (event, data) => void publish(event, data),
    republish,
    subscribers: (event) => subscribers.get(event)?.length ?? 0,
  };

  const { visibility = 'On', silent = [] } = options;
  const move = (to: boolean) => {
    fake.isOpen = to;
    setTimeout(() => publish(to ? 'Messenger.opened' : 'Messenger.closed'), options.slow);
  };
  const register = (name: string, possible: () => boolean, work: () => void) =>
    commands.set(name, ({ resolve, reject }) => {
      if (!possible()) {
        reject('no');
        return;
      }
      work();
      resolve(undefined);
    });
  register(
    'Messenger.open',
    () => !options.headless && !fake.isOpen,
    () => {
      if (visibility === 'OnDemand') fake.launcherVisible = true;
      move(true);
      auth.opened();
    },
  );
  register(
    'Messenger.close',
    () => fake.isOpen,
    () => move(false),
  );
  register(
    'Messenger.clear',
    () => true,
    () => {
      publish('MessagingService.sessionCleared');
      auth.wipe();
      soon(() => {
        fake.cleared = true;
      });
    },
  );
  register(
    'MessagingService.clearConversation',
    () => options.clears !== false,
    () => publish('MessagingService.conversationCleared'),
  );
  register(
    'Launcher.show',
    () => visibility === 'OnDemand',
    () => {
      fake.launcherVisible = true;
    },
  );
  commands.set('Database.get', ({ data, resolve, reject }) => {
    const { name } = data as { name?: string };
    if (name !== 'messaging.customAttributes') reject('unexpected');
    else if (Object.keys(fake.attributes).length === 0) reject('nothing there');
    else resolve({ ...fake.attributes });
  });
  commands.set('Database.set', ({ data, resolve }) => {
    const { messaging } = data as { messaging: { customAttributes: Record<string, unknown> } };
    fake.attributes = { ...fake.attributes, ...messaging.customAttributes };
    resolve({ messaging: { customAttributes: fake.attributes } });
  });
  commands.set('Database.remove', ({ resolve }) => {
    fake.attributes = {};
    publish('Database.removed');
    resolve({});
  });

  const auth = runAuth(options, { register, commands, publish, republish, command });
  window.Genesys = dispatch as never;
  const become = (product: string) => {
    if (silent.includes(product)) return;
    ready.add(product);
    republish(`${product}.ready`);
    for (const go of waiting.splice(0)) go();
  };
  // The two files of the deployment come after the script.
  setTimeout(() => {
    if (options.allowed === false) {
      publish('GenesysJS.domainNotAllowed');
      return;
    }
    const deploymentConfig = {
      status: options.status ?? 'Active',
      headlessMode: { enabled: Boolean(options.headless) },
      auth: auth.config,
      messenger: { launcherButton: { visibility } },
    };
    if (options.tellsConfiguration !== false) {
      republish('GenesysJS.configurationReceived', { deploymentConfig, snippetConfig: stub.c });
    }
    if (deploymentConfig.status !== 'Active') return;
    for (const entry of stub.q ?? []) {
      if (Object.prototype.toString.call(entry) === '[object Arguments]') {
        dispatch(...(Array.from(entry) as [string, string]));
      }
    }
    setTimeout(() => become('Database'), 10);
    if (auth.config.enabled) setTimeout(() => become('Auth'), 15);
    setTimeout(() => become('MessagingService'), 20);
    setTimeout(() => {
      fake.launcherVisible ||= visibility === 'On';
      ready.add('Launcher');
      if (!options.headless) become('Messenger');
    }, 30);
  }, 20);
  return fake;
};
