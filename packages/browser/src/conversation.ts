// Is the visitor in the middle of a conversation? One boolean in storage, so that the next page loads Messenger at once.

const KEY = 'genesys-guest:conversation';

/**
 * What begins or ends one. A conversation that was disconnected is not over: it may be told of an old one, from history, and
 * the visitor may go on with one that is not read-only.
 */
export const CONVERSATION: Readonly<Record<string, boolean>> = {
  'MessagingService.started': true,
  'MessagingService.restored': true,
  'MessagingService.conversationCleared': false,
  'MessagingService.sessionCleared': false,
};

/** Storage that is refused means that the next page does not know. */
export const noteConversation = (goesOn: boolean): void => {
  try {
    if (goesOn) localStorage[KEY] = 1;
    else delete localStorage[KEY];
  } catch {}
};

export const conversationGoesOn = (): boolean => {
  try {
    return Boolean(localStorage[KEY]);
  } catch {
    return false;
  }
};
