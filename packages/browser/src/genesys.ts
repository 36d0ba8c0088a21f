// Types of the page's `Genesys` function, as far as it is publicly known.

/** What a subscriber is handed. A replayed event comes without `eventName`: read `event` and `data`. */
export interface GenesysEnvelope<Data = unknown> {
  readonly time?: number;
  readonly publisher?: string;
  readonly event: string;
  readonly eventName?: string;
  readonly data?: Data;
}

/** What rides on the visitor's next message to the agent and the flow. */
export interface GenesysDatabase {
  messaging?: { customAttributes?: Record<string, unknown> };
}

/** Commands with their options and what they resolve with. */
export interface GenesysCommands {
  'Messenger.open': { options: Record<string, never>; result: unknown };
  'Messenger.close': { options: Record<string, never>; result: unknown };
  'Messenger.openConversation': { options: Record<string, never>; result: unknown };
  'Messenger.clear': { options: Record<string, never>; result: unknown };
  'Launcher.show': { options: Record<string, never>; result: unknown };
  'Launcher.hide': { options: Record<string, never>; result: unknown };
  'Database.set': { options: GenesysDatabase; result: GenesysDatabase };
  'Database.update': { options: GenesysDatabase; result: GenesysDatabase };
  'Database.get': { options: { name?: string }; result: unknown };
  'Database.remove': { options: { name: string }; result: unknown };
  'GuestToken.get': { options: Record<string, never>; result: string | undefined };
  'GuestToken.renew': { options: Record<string, never>; result: string | undefined };
}

/** Events with their data. */
export interface GenesysEvents {
  'Messenger.ready': unknown;
  'Messenger.opened': unknown;
  'Messenger.closed': unknown;
  'Launcher.ready': unknown;
  'Launcher.visible': unknown;
  'Launcher.hidden': unknown;
  'MessagingService.ready': unknown;
  'MessagingService.started': unknown;
  'MessagingService.restoring': unknown;
  'MessagingService.restored': unknown;
  'MessagingService.conversationDisconnected': unknown;
  'MessagingService.conversationCleared': unknown;
  'MessagingService.sessionCleared': unknown;
  'Database.ready': unknown;
  'Database.updated': GenesysDatabase;
  'GenesysJS.domainNotAllowed': unknown;
  /** Undocumented, and replayed to late subscribers: the deployment's `config.json`. */
  'GenesysJS.configurationReceived': GenesysConfiguration;
  'GuestToken.ready': unknown;
  'GuestToken.renewed': { readonly expiresIn?: number };
  'GuestToken.expired': unknown;
  'GuestToken.error': { readonly code: string; readonly retryAfter?: number };
}

/** What we read of a deployment's configuration; every field may be missing. */
export interface GenesysConfiguration {
  readonly deploymentConfig?: {
    readonly status?: string;
    readonly headlessMode?: { readonly enabled?: boolean };
    readonly messenger?: { readonly launcherButton?: { readonly visibility?: string } };
  };
  readonly snippetConfig?: { readonly deploymentId?: string };
}

/** A plugin on the Genesys bus. */
export interface GenesysPlugin {
  registerCommand(
    name: string,
    run: (call: {
      readonly data?: unknown;
      resolve(value?: unknown): void;
      reject(reason?: unknown): void;
    }) => void,
  ): void;
  subscribe(event: string, listener: (envelope: GenesysEnvelope) => void): void;
  /** Removes every listener that this plugin has for the event. */
  unsubscribe(event: string): void;
  publish(event: string, data?: unknown): void;
  republish(event: string, data?: unknown): void;
  command(name: string, options?: unknown): Promise<unknown>;
  data(name: string, value?: unknown): unknown;
  ready(): void;
}

/** The page's `Genesys` function. Look it up at every call: it is replaced when Messenger loads. */
export interface Genesys {
  <Name extends keyof GenesysCommands>(
    action: 'command',
    name: Name,
    options?: GenesysCommands[Name]['options'],
    resolve?: (value: GenesysCommands[Name]['result']) => void,
    reject?: (reason: unknown) => void,
  ): void;
  <Name extends keyof GenesysEvents>(
    action: 'subscribe',
    event: Name,
    listener: (envelope: GenesysEnvelope<GenesysEvents[Name]>) => void,
  ): void;
  (action: 'registerPlugin', name: string, register: (plugin: GenesysPlugin) => void): void;
  /** Any other command or event, of a plugin that these types do not know. */
  (action: string, name: string, ...rest: unknown[]): void;
  /** Calls that wait for Messenger to load. */
  q?: IArguments[];
  t?: number;
  c?: { readonly environment: string; readonly deploymentId: string; readonly debug?: boolean };
}

declare global {
  interface Window {
    Genesys?: Genesys;
    /** The name of the function above. */
    _genesysJs?: string;
  }
}
