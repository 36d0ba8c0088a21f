// Messenger on this page: the deployment snippet, its script, its events and commands, with every known trap avoided.
import type { MessengerSettings } from '@genesys-guest/common';
import { CONVERSATION_EVENTS, noteConversation } from './conversation.ts';
import type { Genesys, GenesysEnvelope } from './genesys.ts';
import { registerPlugin } from './plugin.ts';

/** Time limit of a command, ms: some callbacks never fire. */
const COMMAND_LIMIT = 10_000;
/** Wait before the script is tried a second time, ms. */
const RETRY_AFTER = 1_000;

/** What we hear of Messenger, and two events of our own: its script came, or did not. */
const EVENTS = [
  'GenesysJS.configurationReceived',
  'GenesysJS.domainNotAllowed',
  'Database.ready',
  'Launcher.visible',
  'Messenger.ready',
  'Messenger.opened',
  'Messenger.closed',
  'MessagingService.ready',
] as const;

export type MessengerEvent = (typeof EVENTS)[number] | 'loaded' | 'blocked';

export interface Messenger {
  readonly settings: MessengerSettings;
  /** What has happened and still holds: a session that comes late is told. */
  readonly seen: Partial<Record<MessengerEvent, { readonly data: unknown }>>;
  /** The custom attributes that are ours. */
  attributes: readonly string[];
  /** The living session. Subscriptions cannot be undone, so they all lead here. */
  listener?: ((event: MessengerEvent, data: unknown) => void) | undefined;
  /** Loads the script, if it is not on the page yet. */
  load(nonce: string | undefined): void;
}

/** The function of this moment: Messenger replaces it when it loads. */
export const genesys = (): Genesys => window.Genesys as Genesys;

/** Does the page run another deployment? It does not where nothing says so. */
export const conflicts = (
  { deploymentId }: MessengerSettings,
  other: { readonly deploymentId?: string } | undefined = window.Genesys?.c,
): boolean => (other?.deploymentId ?? deploymentId) !== deploymentId;

/** Runs a command; rejects with Messenger's reason, or after a time limit with nothing. */
export const command = (name: string, options: unknown = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(reject, COMMAND_LIMIT);
    const settle =
      <Value>(settled: (value: Value) => void) =>
      (value: Value) => {
        clearTimeout(timer);
        settled(value);
      };
    genesys()('command', name, options, settle(resolve), settle(reject));
  });

const on = (event: string, listener: (data: unknown) => void): void =>
  genesys()('subscribe', event, ({ data }: GenesysEnvelope) => listener(data));

/** Connects to the page's Messenger, whoever put it there; where nobody did, we do. */
export const connect = (settings: MessengerSettings): Messenger => {
  let loading = false;

  const heard = (event: MessengerEvent, data?: unknown) => {
    const { seen } = messenger;
    // Subscribed twice, we hear everything twice.
    if (event in seen) return;
    if (event === 'Messenger.closed') {
      if (!seen['Messenger.opened']) return;
      delete seen['Messenger.opened'];
    } else seen[event] = { data };
    messenger.listener?.(event, data);
  };

  const subscribe = () => {
    for (const event of EVENTS) on(event, (data) => heard(event, data));
    for (const event of CONVERSATION_EVENTS) on(event, () => noteConversation(event));
  };

  const failed = () => {
    loading = false;
    heard('blocked');
  };

  const listen = (script: HTMLScriptElement, retry?: () => void) => {
    script.addEventListener('load', () => {
      // On a domain that is not allowed the queue is never read: what we asked for there is asked for again.
      subscribe();
      heard('loaded');
    });
    script.addEventListener('error', () => {
      script.remove();
      if (retry) setTimeout(retry, RETRY_AFTER);
      else failed();
    });
  };

  const append = (nonce: string | undefined, retry?: () => void) => {
    const script = document.createElement('script');
    script.async = true;
    script.charset = 'utf-8';
    if (nonce) script.nonce = nonce;
    listen(script, retry);
    try {
      script.src = trusted(settings.bootstrap);
      document.head.append(script);
    } catch {
      failed();
    }
  };

  const messenger: Messenger = {
    settings,
    seen: {},
    attributes: [],
    load(nonce) {
      if (loading) return;
      loading = true;
      delete messenger.seen.blocked;
      const there = [...document.scripts].find(({ src }) => src === settings.bootstrap);
      if (there) listen(there);
      // A queue that nobody reads, and no script that will: it is ours, or of a tag manager that was stopped half way.
      else if (genesys().q) append(nonce, () => append(nonce));
    },
  };

  if (!window.Genesys) installQueue(settings);
  subscribe();
  registerPlugin();
  return messenger;
};

/** The deployment snippet's queue. */
const installQueue = ({ environment, deploymentId }: MessengerSettings): void => {
  window._genesysJs = 'Genesys';
  const queue: Genesys = function () {
    queue.q ??= [];
    // Messenger reads `arguments` objects: the array of a rest parameter would be ignored.
    queue.q.push(arguments);
  };
  queue.t = Date.now();
  queue.c = { environment, deploymentId };
  window.Genesys = queue;
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
