// Messenger on this page: the deployment snippet, its script, its events and commands, with every known trap avoided.
import type { MessengerSettings } from '@genesys-guest/common';
import { CONVERSATION, noteConversation } from './conversation.ts';
import type { Genesys, GenesysEnvelope } from './genesys.ts';
import { registerPlugin } from './plugin.ts';

/** Time limit of a command, ms: some callbacks never fire. */
const COMMAND_LIMIT = 10_000;
/** Wait before the script is tried a second time, ms. */
const RETRY_AFTER = 1_000;

/** What we hear of Messenger, and of its script: that it did not come. */
export type MessengerEvent =
  | 'GenesysJS.configurationReceived'
  | 'GenesysJS.domainNotAllowed'
  | 'Database.ready'
  | 'Launcher.visible'
  | 'Messenger.ready'
  | 'Messenger.opened'
  | 'Messenger.closed'
  | 'MessagingService.ready'
  | 'blocked';

export interface Messenger {
  readonly settings: MessengerSettings;
  /** What has happened and still holds, with its data: a session that comes late is told. */
  readonly seen: Partial<Record<MessengerEvent, unknown>>;
  /** The keys of the custom attributes that are ours. */
  attributes: readonly string[];
  /** The living session. Subscriptions cannot be undone, so they all lead here. */
  listener?: ((event: MessengerEvent, data: unknown) => void) | undefined;
  /** Loads the script, if it is not on the page yet. */
  load(nonce?: string): void;
}

/** Calls the function of this moment: Messenger replaces it when it loads. */
export const genesys: Genesys = (...call: [action: string, name: string, ...rest: unknown[]]) =>
  (window.Genesys as Genesys)(...call);

/** Runs a command; rejects with Messenger's reason, or after a time limit with nothing. */
export const command = (name: string, options: unknown = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    genesys('command', name, options, resolve, reject);
    setTimeout(reject, COMMAND_LIMIT);
  });

/**
 * Connects to the page's Messenger, whoever put it there; where nobody did, we do.
 *
 * @param events what the sessions of this page want to hear
 */
export const connect = (settings: MessengerSettings, events: readonly string[]): Messenger => {
  const { bootstrap, environment, deploymentId } = settings;
  const seen: Messenger['seen'] = {};
  let loading = false;

  const heard = (event: MessengerEvent, data: unknown = {}) => {
    const closed = event === 'Messenger.closed';
    // Subscribed twice, we hear everything twice.
    if (closed ? !seen['Messenger.opened'] : seen[event]) return;
    if (closed) delete seen['Messenger.opened'];
    else seen[event] = data;
    messenger.listener?.(event, data);
  };

  const subscribeAll = () => {
    for (const event of events) {
      genesys('subscribe', event, ({ data }: GenesysEnvelope) => heard(event as MessengerEvent, data));
    }
    for (const [event, goesOn] of CONVERSATION) {
      genesys('subscribe', `MessagingService.${event}`, () => noteConversation(goesOn));
    }
  };

  const append = (nonce: string, again: boolean) => {
    const there = [...document.scripts].find(({ src }) => src === bootstrap);
    // Neither a script nor a queue: Messenger is running already.
    if (!there && !window.Genesys?.q) return;
    const script = there ?? document.createElement('script');
    const failed = () => {
      script.remove();
      loading = again;
      if (again) setTimeout(append, RETRY_AFTER, nonce, false);
      else heard('blocked');
    };
    // On a domain that is not allowed the queue is never read: what we asked for there is asked for again.
    script.addEventListener('load', subscribeAll);
    script.addEventListener('error', failed);
    if (there) return;
    try {
      const src = trusted(bootstrap);
      document.head.append(Object.assign(script, { nonce, async: true, charset: 'utf-8', src }));
    } catch {
      failed();
    }
  };

  const messenger: Messenger = {
    settings,
    seen,
    attributes: [],
    load(nonce = '') {
      if (loading) return;
      loading = true;
      delete seen.blocked;
      append(nonce, true);
    },
  };

  if (!window.Genesys) {
    const q: IArguments[] = [];
    window._genesysJs = 'Genesys';
    window.Genesys = Object.assign(
      function () {
        // Messenger reads `arguments` objects: the array of a rest parameter would be ignored.
        q.push(arguments);
      } as Genesys,
      { q, t: Date.now(), c: { environment, deploymentId } },
    );
  }
  subscribeAll();
  registerPlugin();
  return messenger;
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** The URL as a page under `require-trusted-types-for 'script'` wants it. */
const trusted = (url: string): string => {
  try {
    const { trustedTypes } = window as unknown as { trustedTypes: TrustedTypes };
    return trustedTypes
      .createPolicy('genesys-guest', { createScriptURL: (same) => same })
      .createScriptURL(url);
  } catch {
    // No Trusted Types here, or our policy is not allowed: then the page's default policy decides.
    return url;
  }
};
