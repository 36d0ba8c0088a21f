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

/** A command without options. */
interface Plain {
  options: Record<string, never>;
  result: unknown;
}

/**
 * Commands with their options and what they resolve with. One that is new to the platform can be added:
 * `declare module '@genesys-guest/browser' { interface GenesysCommands { … } }`.
 */
export interface GenesysCommands {
  'Auth.logout': Plain;
  'Auth.getTokens': Plain;
  'Auth.refreshToken': Plain;
  'Auth.reAuthenticate': Plain;
  'Database.set': { options: GenesysDatabase; result: GenesysDatabase };
  'Database.update': { options: GenesysDatabase; result: GenesysDatabase };
  'Database.get': { options: { name?: string }; result: unknown };
  'Database.remove': { options: { name: string }; result: unknown };
  'GenesysJS.configuration': Plain;
  'GuestToken.get': { options: Record<string, never>; result: string | undefined };
  'GuestToken.renew': { options: Record<string, never>; result: string | undefined };
  'Launcher.show': Plain;
  'Launcher.hide': Plain;
  'MessagingService.startConversation': Plain;
  'MessagingService.configureConversation': Plain;
  'MessagingService.joinConversation': Plain;
  'MessagingService.clearTypingTimeout': Plain;
  'MessagingService.sendTyping': Plain;
  'MessagingService.clearSession': Plain;
  'MessagingService.fetchHistory': Plain;
  'MessagingService.resetConversation': Plain;
  'MessagingService.clearConversation': Plain;
  'MessagingService.stepUpConversation': Plain;
  'MessagingService.sendMessage': {
    options: { message?: string; type?: string; postback?: unknown };
    result: unknown;
  };
  'MessagingService.requestUpload': { options: { file: FileList }; result: unknown };
  'MessagingService.getFile': { options: { id: string }; result: unknown };
  'MessagingService.refreshFiles': { options: { files: readonly { id: string }[] }; result: unknown };
  'MessagingService.downloadFile': { options: { downloadUrl: string; name: string }; result: unknown };
  'MessagingService.deleteFile': { options: { id: string }; result: unknown };
  'Messenger.open': Plain;
  'Messenger.close': Plain;
  'Messenger.openConversation': Plain;
  'Messenger.clear': Plain;
}

/** Events with their data. They can be added to as {@link GenesysCommands} can. */
export interface GenesysEvents {
  'Auth.ready': unknown;
  'Auth.authenticating': unknown;
  'Auth.authenticated': unknown;
  'Auth.loggedOut': unknown;
  'Auth.authError': unknown;
  'Auth.tokenError': unknown;
  'Auth.authProviderError': unknown;
  'Auth.error': unknown;
  'Auth.logoutError': unknown;
  'Auth.signInAvailable': unknown;
  'Auth.signingIn': unknown;
  'Auth.signedIn': unknown;
  'Auth.signInFailed': unknown;
  'Database.ready': unknown;
  'Database.updated': GenesysDatabase;
  'Database.removed': GenesysDatabase;
  'GenesysJS.ready': unknown;
  'GenesysJS.domainNotAllowed': unknown;
  /** Undocumented, and replayed to late subscribers: the deployment's `config.json`. */
  'GenesysJS.configurationReceived': GenesysConfiguration;
  'GuestToken.ready': unknown;
  'GuestToken.renewed': { readonly expiresIn?: number };
  'GuestToken.expired': unknown;
  'GuestToken.error': { readonly code: string; readonly retryAfter?: number };
  'Launcher.ready': unknown;
  'Launcher.visible': unknown;
  'Launcher.hidden': unknown;
  'MessagingService.ready': unknown;
  'MessagingService.started': unknown;
  'MessagingService.sendingMessage': unknown;
  'MessagingService.messagesReceived': unknown;
  'MessagingService.repliedMessage': unknown;
  'MessagingService.messagesUpdated': unknown;
  'MessagingService.uploading': unknown;
  'MessagingService.uploadApproved': unknown;
  'MessagingService.fileUploaded': unknown;
  'MessagingService.fileUploadError': unknown;
  'MessagingService.fileUploadCancelled': unknown;
  'MessagingService.fileReceived': unknown;
  'MessagingService.fileDownloaded': unknown;
  'MessagingService.fileDownloadError': unknown;
  'MessagingService.fileDeleted': unknown;
  'MessagingService.oldMessages': unknown;
  'MessagingService.historyComplete': unknown;
  'MessagingService.typingReceived': unknown;
  'MessagingService.typingTimeout': unknown;
  'MessagingService.clientTypingStarted': unknown;
  'MessagingService.restoring': unknown;
  'MessagingService.restored': unknown;
  'MessagingService.sessionCleared': unknown;
  'MessagingService.offline': unknown;
  'MessagingService.reconnecting': unknown;
  'MessagingService.reconnected': unknown;
  'MessagingService.conversationDisconnected': unknown;
  'MessagingService.readOnlyConversation': unknown;
  'MessagingService.conversationReset': unknown;
  'MessagingService.conversationCleared': unknown;
  'MessagingService.customAttributesSizeExceeded': unknown;
  'MessagingService.cobrowseOffer': unknown;
  'MessagingService.cobrowseOfferAccepted': unknown;
  'MessagingService.cobrowseOfferRejected': unknown;
  'MessagingService.cobrowseOfferExpired': unknown;
  'MessagingService.allowedFileTypes': unknown;
  'MessagingService.steppedUpConversation': unknown;
  'MessagingService.stepUpConversationError': unknown;
  'MessagingService.error': unknown;
  'Messenger.ready': unknown;
  'Messenger.opened': unknown;
  'Messenger.closed': unknown;
  'Messenger.cleared': unknown;
}

/** What we read of a deployment's configuration; every field may be missing. */
export interface GenesysConfiguration {
  readonly deploymentConfig?: {
    readonly status?: string;
    readonly headlessMode?: { readonly enabled?: boolean };
    readonly auth?: { readonly enabled?: boolean; readonly allowSessionUpgrade?: boolean };
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

/** Plugins whose commands and events are listed above: a name of theirs that is not listed is misspelt. */
type ListedPlugin = 'Auth' | 'Database' | 'GuestToken' | 'Launcher' | 'MessagingService' | 'Messenger';
/** A name of any other plugin. */
type Unlisted<Name extends string> = Name extends `${ListedPlugin}.${string}` ? never : Name;

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
  /** A command of a plugin that these types do not know. */
  <Name extends string>(
    action: 'command',
    name: Unlisted<Name>,
    options?: unknown,
    resolve?: (value: unknown) => void,
    reject?: (reason: unknown) => void,
  ): void;
  /** An event of a plugin that these types do not know. */
  <Name extends string>(
    action: 'subscribe',
    event: Unlisted<Name>,
    listener: (envelope: GenesysEnvelope) => void,
  ): void;
  (action: 'registerPlugin', name: string, register: (plugin: GenesysPlugin) => void): void;
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
  /** The page's own function, for a page that has the snippet or our script. */
  const Genesys: Genesys;
}
