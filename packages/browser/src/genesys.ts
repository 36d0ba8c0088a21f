// Types of the page's `Genesys` function, as far as it is publicly known.

/** What a subscriber is handed. A replayed event comes without `eventName`: read `event` and `data`. */
export interface GenesysEnvelope<Data = unknown> {
  /** Milliseconds since 1970. */ readonly time?: number;
  /** The plugin that has published it. */ readonly publisher?: string;
  /** `Plugin.event`. */ readonly event: string;
  /** As `event`, where it is there. */ readonly eventName?: string;
  /** What the event tells. */ readonly data?: Data;
}

/** What rides on the visitor's next message to the agent and the flow. */
export interface GenesysDatabase {
  /** What belongs to messaging. */ messaging?: Partial<Record<'customAttributes', Record<string, unknown>>>;
}

/** What a command takes, and what it resolves with. */
export interface GenesysCommand<Options = Record<string, never>, Result = unknown> {
  /** What it takes. */
  options: Options;
  /** What it resolves with. */
  result: Result;
}

/** A command without options. */
type Plain = GenesysCommand;

/**
 * Commands with their options and what they resolve with. One that is new to the platform can be added:
 * `declare module '@genesys-guest/browser' { interface GenesysCommands { … } }`.
 */
export interface GenesysCommands {
  /** Signs the member out of Messenger, on all devices. */ 'Auth.logout': Plain;
  /** Gets the member's tokens. */ 'Auth.getTokens': Plain;
  /** Renews the member's token. */ 'Auth.refreshToken': Plain;
  /** Asks the `AuthProvider` for a new code. */ 'Auth.reAuthenticate': Plain;
  /** Writes, merged with what is there. */ 'Database.set': GenesysCommand<GenesysDatabase, GenesysDatabase>;
  /** Changes what is there. */ 'Database.update': GenesysCommand<GenesysDatabase, GenesysDatabase>;
  /** Reads one name, or all. */ 'Database.get': GenesysCommand<Partial<Record<'name', string>>>;
  /** Removes a name. */ 'Database.remove': GenesysCommand<Record<'name', string>>;
  /** Gets the deployment's configuration. */ 'GenesysJS.configuration': Plain;
  /** Gets the guest token, issued if need be. Of this package. */
  'GuestToken.get': GenesysCommand<Record<string, never>, string | undefined>;
  /** Renews the guest token. Of this package. */
  'GuestToken.renew': GenesysCommand<Record<string, never>, string | undefined>;
  /** Shows the launcher. */ 'Launcher.show': Plain;
  /** Hides the launcher. */ 'Launcher.hide': Plain;
  /** Starts a conversation. */ 'MessagingService.startConversation': Plain;
  /** Configures the conversation. */ 'MessagingService.configureConversation': Plain;
  /** Joins the conversation. */ 'MessagingService.joinConversation': Plain;
  /** Ends the typing indicator. */ 'MessagingService.clearTypingTimeout': Plain;
  /** Tells the agent that the visitor types. */ 'MessagingService.sendTyping': Plain;
  /** Clears the visitor's session. */ 'MessagingService.clearSession': Plain;
  /** Fetches older messages. */ 'MessagingService.fetchHistory': Plain;
  /** Begins the conversation anew. */ 'MessagingService.resetConversation': Plain;
  /** Clears the conversation, where the deployment allows it. */ 'MessagingService.clearConversation': Plain;
  /** Signs an anonymous visitor in within the conversation. */ 'MessagingService.stepUpConversation': Plain;
  /** Sends a message, or the answer to a postback. */
  'MessagingService.sendMessage': GenesysCommand<
    Partial<Record<'message' | 'type', string> & Record<'postback', unknown>>
  >;
  /** Asks to upload files. */ 'MessagingService.requestUpload': GenesysCommand<Record<'file', FileList>>;
  /** Gets a file. */ 'MessagingService.getFile': GenesysCommand<Record<'id', string>>;
  /** Renews the URLs of files. */
  'MessagingService.refreshFiles': GenesysCommand<Record<'files', readonly Record<'id', string>[]>>;
  /** Downloads a file. */
  'MessagingService.downloadFile': GenesysCommand<Record<'downloadUrl' | 'name', string>>;
  /** Deletes a file. */ 'MessagingService.deleteFile': GenesysCommand<Record<'id', string>>;
  /** Opens the window. */ 'Messenger.open': Plain;
  /** Closes the window. */ 'Messenger.close': Plain;
  /** Opens the window at the conversation. */ 'Messenger.openConversation': Plain;
  /** Clears Messenger in all tabs. */ 'Messenger.clear': Plain;
}

/** Events with their data. They can be added to as {@link GenesysCommands} can. */
export interface GenesysEvents {
  /** The plugin can be used. */ 'Auth.ready': unknown;
  /** A code is being redeemed. */ 'Auth.authenticating': unknown;
  /** The member is signed in. */ 'Auth.authenticated': unknown;
  /** The member is signed out. */ 'Auth.loggedOut': unknown;
  /** The code was refused. */ 'Auth.authError': unknown;
  /** The token could not be renewed. */ 'Auth.tokenError': unknown;
  /** The `AuthProvider` failed. */ 'Auth.authProviderError': unknown;
  /** Signing in failed. */ 'Auth.error': unknown;
  /** Signing out failed. */ 'Auth.logoutError': unknown;
  /** The visitor may sign in. */ 'Auth.signInAvailable': unknown;
  /** The visitor is signing in. */ 'Auth.signingIn': unknown;
  /** The visitor has signed in. */ 'Auth.signedIn': unknown;
  /** The visitor could not sign in. */ 'Auth.signInFailed': unknown;
  /** The plugin can be used. */ 'Database.ready': unknown;
  /** Something was written. */ 'Database.updated': GenesysDatabase;
  /** Something was removed. */ 'Database.removed': GenesysDatabase;
  /** The platform's script runs. */ 'GenesysJS.ready': unknown;
  /** The deployment does not list this page's domain. */ 'GenesysJS.domainNotAllowed': unknown;
  /** Undocumented, and replayed to late subscribers: the deployment's `config.json`. */
  'GenesysJS.configurationReceived': GenesysConfiguration;
  /** The plugin can be used. Of this package, as all of `GuestToken`. */ 'GuestToken.ready': unknown;
  /** There is a new token; `expiresIn` in seconds. */
  'GuestToken.renewed': Partial<Readonly<Record<'expiresIn', number>>>;
  /** The token has expired. */ 'GuestToken.expired': unknown;
  /** Something went wrong; `retryAfter` in seconds. */
  'GuestToken.error': Readonly<Record<'code', string> & Partial<Record<'retryAfter', number>>>;
  /** The plugin can be used. */ 'Launcher.ready': unknown;
  /** The launcher is shown. */ 'Launcher.visible': unknown;
  /** The launcher is hidden. */ 'Launcher.hidden': unknown;
  /** The plugin can be used. */ 'MessagingService.ready': unknown;
  /** A conversation has started. */ 'MessagingService.started': unknown;
  /** A message is being sent. */ 'MessagingService.sendingMessage': unknown;
  /** Messages have come. */ 'MessagingService.messagesReceived': unknown;
  /** A message was answered. */ 'MessagingService.repliedMessage': unknown;
  /** Messages have changed. */ 'MessagingService.messagesUpdated': unknown;
  /** A file is being uploaded. */ 'MessagingService.uploading': unknown;
  /** A file may be uploaded. */ 'MessagingService.uploadApproved': unknown;
  /** A file was uploaded. */ 'MessagingService.fileUploaded': unknown;
  /** A file could not be uploaded. */ 'MessagingService.fileUploadError': unknown;
  /** An upload was cancelled. */ 'MessagingService.fileUploadCancelled': unknown;
  /** A file has come. */ 'MessagingService.fileReceived': unknown;
  /** A file was downloaded. */ 'MessagingService.fileDownloaded': unknown;
  /** A file could not be downloaded. */ 'MessagingService.fileDownloadError': unknown;
  /** A file was deleted. */ 'MessagingService.fileDeleted': unknown;
  /** Older messages have come. */ 'MessagingService.oldMessages': unknown;
  /** There are no older messages. */ 'MessagingService.historyComplete': unknown;
  /** The agent types. */ 'MessagingService.typingReceived': unknown;
  /** The agent types no more. */ 'MessagingService.typingTimeout': unknown;
  /** The visitor types. */ 'MessagingService.clientTypingStarted': unknown;
  /** A conversation is being restored. */ 'MessagingService.restoring': unknown;
  /** A conversation was restored. */ 'MessagingService.restored': unknown;
  /** The session was cleared. */ 'MessagingService.sessionCleared': unknown;
  /** The connection is lost. */ 'MessagingService.offline': unknown;
  /** The connection is being restored. */ 'MessagingService.reconnecting': unknown;
  /** The connection is back. */ 'MessagingService.reconnected': unknown;
  /** The agent has ended the conversation. */ 'MessagingService.conversationDisconnected': unknown;
  /** The conversation can only be read. */ 'MessagingService.readOnlyConversation': unknown;
  /** The conversation began anew. */ 'MessagingService.conversationReset': unknown;
  /** The conversation was cleared. */ 'MessagingService.conversationCleared': unknown;
  /** The custom attributes are too large to be sent. */
  'MessagingService.customAttributesSizeExceeded': unknown;
  /** The agent offers co-browsing. */ 'MessagingService.cobrowseOffer': unknown;
  /** Co-browsing was accepted. */ 'MessagingService.cobrowseOfferAccepted': unknown;
  /** Co-browsing was rejected. */ 'MessagingService.cobrowseOfferRejected': unknown;
  /** The offer of co-browsing has expired. */ 'MessagingService.cobrowseOfferExpired': unknown;
  /** Which files may be sent. */ 'MessagingService.allowedFileTypes': unknown;
  /** The visitor is signed in within the conversation. */ 'MessagingService.steppedUpConversation': unknown;
  /** Signing in within the conversation failed. */ 'MessagingService.stepUpConversationError': unknown;
  /** The service failed. */ 'MessagingService.error': unknown;
  /** The plugin can be used. */ 'Messenger.ready': unknown;
  /** The window was opened. */ 'Messenger.opened': unknown;
  /** The window was closed. */ 'Messenger.closed': unknown;
  /** Messenger was cleared. */ 'Messenger.cleared': unknown;
}

/** What we read of a deployment's configuration; every field may be missing. */
export interface GenesysConfiguration {
  /** What Admin says. */
  readonly deploymentConfig?: {
    /** `Active`, or switched off. */ readonly status?: string;
    /** Services without a window. */ readonly headlessMode?: Partial<Readonly<Record<'enabled', boolean>>>;
    /** Signed-in members. */
    readonly auth?: Partial<Readonly<Record<'enabled' | 'allowSessionUpgrade', boolean>>>;
    /** The window and its launcher. */
    readonly messenger?: {
      /** Whether the launcher is shown. */
      readonly launcherButton?: Partial<Readonly<Record<'visibility', string>>>;
    };
  };
  /** What the page's snippet says. */
  readonly snippetConfig?: Partial<Readonly<Record<'deploymentId', string>>>;
}

/** A plugin on the Genesys bus. */
export interface GenesysPlugin {
  /** Adds a command to the plugin. */ registerCommand(
    name: string,
    run: (call: {
      readonly data?: unknown;
      resolve(value?: unknown): void;
      reject(reason?: unknown): void;
    }) => void,
  ): void;
  /** Listens to an event of any plugin. */
  subscribe(event: string, listener: (envelope: GenesysEnvelope) => void): void;
  /** Removes every listener that this plugin has for the event. */
  unsubscribe(event: string): void;
  /** Publishes an event. */ publish(event: string, data?: unknown): void;
  /** Publishes an event, also to those who subscribe later. */
  republish(event: string, data?: unknown): void;
  /** Runs a command of any plugin. */ command(name: string, options?: unknown): Promise<unknown>;
  /** Reads or writes what the plugin keeps. */ data(name: string, value?: unknown): unknown;
  /** Tells that the plugin can be used. */ ready(): void;
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
  /** When the snippet ran, in milliseconds. */
  t?: number;
  /** What the snippet gives to Messenger. */
  c?: Readonly<Record<'environment' | 'deploymentId', string> & Partial<Record<'debug', boolean>>>;
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
