// When a member leaves, Messenger is cleared of what is theirs before the next visitor can see it.
import { conversationGoesOn } from '../conversation.ts';
import { command } from '../messenger.ts';
import type { Authentication } from './authentication.ts';
import { until, within } from './time-limit.ts';
import type { Whose } from './whose.ts';

/** Ms that the platform may take to sign a member out. */
const LOGOUT_LIMIT = 5_000;
/** Ms that Messenger may take, after a sign-out, to tell that the conversation is over. */
const ECHO_LIMIT = 1_000;

/** Signs the member out of Messenger, in all tabs and on all devices. Rejects where that did not happen in time. */
export const logout = (): Promise<unknown> =>
  within(LOGOUT_LIMIT, command('Auth.logout'), () => 'Auth.logout took too long');

export interface Departure {
  readonly authentication: Authentication;
  readonly whose: Whose;
  /** Ends the conversation that goes on. */
  end(): Promise<void>;
  /** Removes everything that Messenger keeps in this browser. */
  clear(): Promise<void>;
  readonly keepsConversation: boolean;
}

/** After a change that the page was told of, or that it finds as it loads. */
export const depart = async (departure: Departure): Promise<void> => {
  const { authentication, whose, end, clear, keepsConversation } = departure;
  if (authentication.mode === 'off') {
    // A page that has just loaded does not know yet which conversation Messenger will show.
    if (!keepsConversation) await (conversationGoesOn() ? end : clear)();
  } else if (await isLoggedOut()) {
    await until(() => !conversationGoesOn(), ECHO_LIMIT);
    if (conversationGoesOn()) await (authentication.started?.authenticated === false ? end : clear)();
  } else await clear();
  whose.write('');
};

const isLoggedOut = (): Promise<boolean> =>
  logout().then(
    () => true,
    () => false,
  );

/** After the site's session has merely ended: the member's other devices are left as they are. */
export const leaveThisBrowser = async ({ whose, clear, keepsConversation }: Departure): Promise<void> => {
  if (keepsConversation) return;
  await clear();
  whose.write('');
};

/** One tab does it; the others, which wait, find it done. */
export const oneAtATime = async (name: string, work: () => Promise<void>): Promise<void> => {
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  try {
    await navigator.locks.request(name, begin);
  } catch (error) {
    if (begun) throw error;
    await begin();
  }
};
