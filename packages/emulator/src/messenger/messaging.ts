// The plugin `MessagingService`: a conversation that outlives the page, with an agent who echoes.
import { LIMITS } from '@genesys-guest/common';
import type { Bus, Plugin } from './bus.ts';
import { attributesOf } from './database.ts';
import type { Storage } from './storage.ts';

export interface Message {
  readonly id: string;
  readonly from: 'visitor' | 'agent';
  readonly text: string;
  readonly time: string;
  /** What the agent got with it. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What the window shows. */
export interface MessagingView {
  messages(all: readonly Message[]): void;
  typing(on: boolean): void;
  failed(text: string, why: string): void;
}

export interface Messaging {
  send(text: string): void;
  clearConversation(): void;
  /** Everything was wiped: nothing is sent or shown any more. */
  sessionCleared(): void;
  /** Publishes `ready`, and goes on with the conversation of the last page, if there is one. */
  ready(): void;
  show(view: MessagingView): void;
  readonly active: boolean;
}

/** Keys in the storage; the first two are called as Messenger calls them. */
const TOKEN = 'actmu';
const ACTIVE = 'gcmcsessionActive';
const HISTORY = 'emulatorConversation';
/** Messages that the stored conversation keeps. */
const HISTORY_LENGTH = 200;

const TYPING_AFTER = 150;
const ANSWER_AFTER = 700;
const RESTORE_AFTER = 50;

const raw = ({ id, from, text, time, attributes }: Message) => ({
  id,
  type: 'Text',
  direction: from === 'visitor' ? 'Inbound' : 'Outbound',
  text,
  channel: { time, ...(attributes && { metadata: { customAttributes: attributes } }) },
});

const formatted = ({ id, from, text, time }: Message) => ({
  id,
  type: 'text',
  messageType: from === 'visitor' ? 'inbound' : 'outbound',
  text,
  time,
  timestamp: time,
});

export const registerMessaging = (bus: Bus, storage: Storage, facts: () => unknown): Messaging => {
  const plugin = bus.plugin('MessagingService');
  const history = () => storage.read<Message[]>(HISTORY) ?? [];
  const isActive = () => storage.read<boolean>(ACTIVE) === true;
  let view: MessagingView | undefined;

  const show = () => view?.messages(history());

  const start = () => {
    if (isActive()) return;
    storage.write(TOKEN, crypto.randomUUID());
    storage.write(ACTIVE, true);
    plugin.republish('started', { newSession: true, authenticated: false, readOnly: false });
  };

  const add = (message: Omit<Message, 'id' | 'time'>) => {
    const whole = { ...message, id: crypto.randomUUID(), time: new Date().toISOString() };
    storage.write(HISTORY, [...history(), whole].slice(-HISTORY_LENGTH));
    plugin.publish('messagesReceived', { messages: [raw(whole)] });
    show();
  };

  const answer = (text: string) => {
    setTimeout(() => {
      view?.typing(true);
      plugin.publish('typingReceived', { typing: { type: 'On', duration: 5000 } });
    }, TYPING_AFTER);
    setTimeout(() => {
      view?.typing(false);
      if (isActive()) add({ from: 'agent', text: `You said: ${text}` });
    }, ANSWER_AFTER);
  };

  const send = (text: string) => {
    const attributes = attributesOf(facts());
    const bytes = new TextEncoder().encode(JSON.stringify(attributes)).length;
    start();
    if (bytes > LIMITS.customAttributesBytes) return fail(plugin, view, text, bytes);
    add({ from: 'visitor', text, ...(Object.keys(attributes).length > 0 && { attributes }) });
    answer(text);
  };

  const clearConversation = () => {
    storage.write(ACTIVE, false);
    storage.write(HISTORY, []);
    plugin.publish('conversationCleared', { type: 'message', class: 'SessionClearedEvent' });
    show();
  };

  plugin.registerCommand('startConversation', (event) => {
    if (isActive()) return event.reject('A conversation is already active');
    start();
    event.resolve();
  });
  plugin.registerCommand('sendMessage', (event) => {
    const text = String(event.data['message'] ?? '');
    if (text !== '' && text.trim() === '') return event.reject('Message only contains whitespaces');
    if (text !== '') send(text.trim());
    event.resolve();
  });
  plugin.registerCommand('clearConversation', (event) => {
    if (!isActive()) return event.reject('There is no active conversation');
    clearConversation();
    event.resolve();
  });
  storage.onWrite(HISTORY, show);

  return {
    send,
    clearConversation,
    sessionCleared() {
      view = undefined;
      plugin.publish('sessionCleared');
    },
    get active() {
      return isActive();
    },
    show(next) {
      view = next;
      show();
    },
    ready() {
      plugin.ready();
      if (isActive()) setTimeout(() => restore(plugin, history()), RESTORE_AFTER);
    },
  };
};

const restore = (plugin: Plugin, history: readonly Message[]) => {
  plugin.republish('restoring');
  plugin.republish('started', { newSession: false, authenticated: false, readOnly: false });
  plugin.republish('restored', { messages: history.map(formatted) });
};

const fail = (plugin: Plugin, view: MessagingView | undefined, text: string, bytes: number) => {
  const errorMessage = `Custom attributes are ${bytes} bytes; at most ${LIMITS.customAttributesBytes} are sent`;
  plugin.publish('error', {
    error: { type: 'response', code: 400, body: { errorCode: 4013, errorMessage } },
  });
  view?.failed(text, errorMessage);
};
