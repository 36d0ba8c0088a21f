// Is the visitor in the middle of a conversation? One boolean in storage, so that the next page loads Messenger at once.

const KEY = 'genesys-guest:conversation';

/** What each event says: a conversation goes on, or is over. */
const SAYS: Readonly<Record<string, boolean>> = {
  'MessagingService.started': true,
  'MessagingService.restored': true,
  'MessagingService.conversationDisconnected': false,
  'MessagingService.conversationCleared': false,
  'MessagingService.sessionCleared': false,
};

export const CONVERSATION_EVENTS = Object.keys(SAYS);

/** Storage that is refused means that the next page does not know. */
const storage = <Result>(use: (storage: Storage) => Result): Result | undefined => {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
};

/** Notes what the event says. */
export const noteConversation = (event: string): void =>
  storage((store) => (SAYS[event] ? store.setItem(KEY, '1') : store.removeItem(KEY)));

export const conversationGoesOn = (): boolean => storage((store) => store.getItem(KEY)) === '1';
