// The conversation as this page knows it: what came, each message once, and who is told of it.
import type { Plugin } from './bus.ts';
import { formatted, type Message, type Proven, presenceOf, typingOf } from './wire.ts';

/** What the visitor can do besides writing. */
export type Notice = 'none' | 'read-only' | 'sign-in' | 'step-up';

/** What the window shows. */
export interface MessagingView {
  messages(all: readonly Message[]): void;
  typing(on: boolean): void;
  failed(text: string, why: string): void;
  proven(proven: Proven): void;
  notice(notice: Notice): void;
}

export interface Conversation {
  readonly readOnly: boolean;
  /** A message that came just now. */
  receive(message: Message): void;
  /** A page of the history, newest first; says which messages were not known. */
  restore(page: readonly Message[]): readonly Message[];
  /** The session says whether anything can still be said. */
  setReadOnly(readOnly: boolean): void;
  proven(proven: Proven): void;
  failed(text: string, why: string): void;
  notice(): void;
  clear(): void;
  show(view: MessagingView | undefined): void;
}

const NOBODY: Proven = { isAuthenticated: false };

/** `noticed` says what stands under the conversation while it is not read-only. */
export const createConversation = (plugin: Plugin, noticed: () => Notice): Conversation => {
  const known = new Map<string, Message>();
  let view: MessagingView | undefined;
  let readOnly = false;
  let proven = NOBODY;

  const show = () => view?.messages([...known.values()].filter(({ type }) => type === 'Text'));
  const notice = () => view?.notice(readOnly ? 'read-only' : noticed());
  const setReadOnly = (to: boolean) => {
    readOnly = to;
    notice();
  };
  const tellDisconnect = (message: Message) => {
    const isReadOnly = message.metadata?.['readOnly'] === 'true';
    plugin.publish('conversationDisconnected', { message, readOnly: isReadOnly });
    return isReadOnly;
  };

  return {
    get readOnly() {
      return readOnly;
    },
    receive(message) {
      const typing = typingOf(message);
      if (typing) {
        view?.typing(true);
        return plugin.publish('typingReceived', { typing });
      }
      if (known.has(message.id)) return;
      known.set(message.id, message);
      if (message.direction === 'Outbound') view?.typing(false);
      plugin.publish('messagesReceived', { messages: [message] });
      const presence = presenceOf(message);
      if (presence === 'SignIn') plugin.publish('steppedUpConversation', message);
      if (presence === 'Disconnect' && tellDisconnect(message)) {
        setReadOnly(true);
        plugin.publish('readOnlyConversation', message);
      }
      show();
    },
    restore(page) {
      const fresh = page.filter(({ id }) => !known.has(id)).reverse();
      const before = [...known.entries()];
      known.clear();
      for (const message of fresh) known.set(message.id, message);
      for (const [id, message] of before) known.set(id, message);
      // As the real one does: what ended long ago is told as if it ended now.
      for (const message of fresh) if (presenceOf(message) === 'Disconnect') tellDisconnect(message);
      show();
      return fresh;
    },
    setReadOnly,
    proven(next) {
      proven = next;
      view?.proven(next);
    },
    failed: (text, why) => view?.failed(text, why),
    notice,
    clear() {
      known.clear();
      proven = NOBODY;
      view?.typing(false);
      view?.proven(proven);
      setReadOnly(false);
      show();
    },
    show(next) {
      view = next;
      show();
      view?.proven(proven);
      notice();
    },
  };
};

/** What `restored` and `oldMessages` carry. */
export const pageOf = (messages: readonly Message[], pageNumber: number) => ({
  messages: messages.map(formatted),
  pageNumber,
  pageSize: 25,
});
