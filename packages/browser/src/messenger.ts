// Messenger on this page: the deployment snippet, its script, its events and commands, with every known trap avoided.
import type { MessengerSettings } from '@genesys-guest/common';
import { appendScript } from './append-script.ts';
import { CONVERSATION, markConversation } from './conversation.ts';
import type { Genesys, GenesysEnvelope } from './genesys.ts';
import { own } from './page.ts';
import { registerPlugin } from './plugin.ts';

/** Time limit of a command, ms: some callbacks never fire. */
const COMMAND_LIMIT = 10_000;
/** Events that come again and again, and hold for no time. */
const RECURRING = /Reset|Clear|remove|Exceed/;

/** What we hear of Messenger, and of its script: that it did not come. */
export type MessengerEvent =
  | 'GenesysJS.configurationReceived'
  | 'GenesysJS.domainNotAllowed'
  | 'Database.ready'
  | 'Database.removed'
  | 'Launcher.visible'
  | 'Messenger.ready'
  | 'Messenger.opened'
  | 'Messenger.closed'
  | 'MessagingService.ready'
  | 'MessagingService.started'
  | 'MessagingService.restored'
  | 'MessagingService.conversationReset'
  | 'MessagingService.conversationCleared'
  | 'MessagingService.sessionCleared'
  | 'MessagingService.customAttributesSizeExceeded'
  | 'blocked';

export interface Messenger {
  readonly settings: MessengerSettings;
  /** What has happened and still holds, with its data: a session that comes late is told. */
  readonly seen: Partial<Record<MessengerEvent, unknown>>;
  /** Does a conversation go on? `undefined`: not that it has told. */
  conversation?: boolean | undefined;
  /** The keys of the custom attributes that are ours. */
  attributes: readonly string[];
  /** The living session. Subscriptions cannot be undone, so they all lead here. */
  listener?: (event: MessengerEvent, data: unknown) => unknown;
  /** Loads the script, if it is not on the page yet. */
  load(nonce?: string): void;
}

/** Calls the function of this moment: Messenger replaces it when it loads. */
export const genesys = (...call: [action: string, name: string, ...rest: unknown[]]): void =>
  (window.Genesys as (...call: unknown[]) => void)(...call);

/** Runs a command; rejects with Messenger's reason, or after a time limit with nothing. */
export const command = (name: string, options: unknown = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    genesys('command', name, options, resolve, reject);
    setTimeout(reject, COMMAND_LIMIT);
  });

/** The deployment snippet: a function that queues what Messenger will read when it has loaded. */
const addSnippet = ({ environment, deploymentId }: MessengerSettings): void => {
  const q: IArguments[] = [];
  window._genesysJs = 'Genesys';
  window.Genesys = Object.assign(
    function () {
      // Messenger reads `arguments` objects: the array of a rest parameter would be ignored.
      q.push(arguments);
    } as Genesys,
    { q, t: Date.now(), c: { environment, deploymentId } },
  );
};

/**
 * Connects to the page's Messenger, whoever put it there; where nobody did, we do.
 *
 * @param events what the sessions of this page want to hear
 */
export const connect = (settings: MessengerSettings, events: readonly string[]): Messenger => {
  const seen: Messenger['seen'] = {};
  let loading = false;

  const heard = (event: MessengerEvent, data: unknown = {}) => {
    if (event in CONVERSATION) {
      messenger.conversation = CONVERSATION[event] ?? messenger.conversation;
      markConversation(messenger.conversation);
    }
    const closed = event === 'Messenger.closed';
    // Subscribed twice, we hear everything twice.
    if (closed ? !seen['Messenger.opened'] : seen[event]) return;
    if (closed) delete seen['Messenger.opened'];
    else if (!RECURRING.test(event)) seen[event] = data;
    messenger.listener?.(event, data);
  };

  const subscribeAll = () => {
    for (const event of events) {
      genesys('subscribe', event, ({ data }: GenesysEnvelope) => heard(event as MessengerEvent, data));
    }
  };

  const messenger: Messenger = {
    settings,
    seen,
    attributes: [],
    load(nonce) {
      if (loading) return;
      loading = true;
      delete seen.blocked;
      // Without a queue Messenger is running already.
      if (!window.Genesys?.q) return;
      // On a domain that is not allowed the queue is never read: what we asked for there is asked for again.
      appendScript(settings.bootstrap, nonce, subscribeAll, () => {
        loading = false;
        heard('blocked');
      });
    },
  };

  if (!own('Genesys')) addSnippet(settings);
  subscribeAll();
  registerPlugin();
  return messenger;
};
