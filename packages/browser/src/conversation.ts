// Is the visitor in the middle of a conversation? One boolean in storage, so that the next page loads Messenger at once.

const KEY = 'genesys-guest:conversation';

/** What begins or ends one; the rest of the name is `MessagingService`. */
export const BEGINS = ['started', 'restored'];
export const ENDS = ['conversationDisconnected', 'conversationCleared', 'sessionCleared'];

/** Storage that is refused means that the next page does not know. */
export const noteConversation = (goesOn: boolean): void => {
  try {
    if (goesOn) localStorage.setItem(KEY, '1');
    else localStorage.removeItem(KEY);
  } catch {}
};

export const conversationGoesOn = (): boolean => {
  try {
    return Boolean(localStorage.getItem(KEY));
  } catch {
    return false;
  }
};
