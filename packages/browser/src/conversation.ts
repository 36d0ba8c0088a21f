// Is the visitor in the middle of a conversation? Messenger tells; one mark in storage lets the next page load it at once.
import { thisPage } from './page.ts';

const KEY = 'genesys-guest:conversation';

/**
 * Messenger's events that begin one (`true`) or end it (`false`). With `ready` Messenger is there: what it has told by then takes the
 * place of the last page's mark. `disconnected` ends none: it may be told of an old conversation, from history, and the visitor may
 * go on with one that is not read-only.
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
export const conversationIsMarked = (): string | undefined => {
  let marked: string | undefined;
  try {
    marked = localStorage[KEY];
  } catch {}
  return marked;
};

/** Does one go on, as far as the Messenger of this page has told? */
export const conversationGoesOn = (): boolean | undefined => thisPage().messenger?.conversation;
