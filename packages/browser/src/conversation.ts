// Is the visitor in the middle of a conversation? One boolean in storage, so that the next page loads Messenger at once.

const KEY = 'genesys-guest:conversation';

/** What begins or ends one; the rest of the name is `MessagingService`. Does it go on then? */
export const CONVERSATION = [
  ['started', true],
  ['restored', true],
  ['conversationDisconnected', false],
  ['conversationCleared', false],
  ['sessionCleared', false],
] as const;

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
