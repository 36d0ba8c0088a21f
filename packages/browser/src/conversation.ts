// Is the visitor in the middle of a conversation? Messenger tells; one mark in storage lets the next page load it at once.
import { thisPage } from './page.ts';

const KEY = 'genesys-guest:conversation';

/**
 * What begins or ends one, and what has the last page's mark confirmed or taken away: Messenger is there. A conversation that was
 * disconnected is not over: it may be told of an old one, from history, and the visitor may go on with one that is not read-only.
 */
export const CONVERSATION: Readonly<Record<string, boolean | undefined>> = {
  'MessagingService.ready': undefined,
  'MessagingService.started': true,
  'MessagingService.restored': true,
  'MessagingService.conversationCleared': false,
  'MessagingService.sessionCleared': false,
};

/** Storage that is refused means that the next page does not know. */
export const markConversation = (goesOn: boolean | undefined): void => {
  try {
    if (goesOn) localStorage[KEY] = 1;
    else delete localStorage[KEY];
  } catch {}
};

/** Did one go on when Messenger last told? */
export const conversationIsMarked = (): boolean => {
  try {
    return Boolean(localStorage[KEY]);
  } catch {
    return false;
  }
};

/** Does one go on, as far as the Messenger of this page has told? */
export const conversationGoesOn = (): boolean | undefined => thisPage().messenger?.conversation;
