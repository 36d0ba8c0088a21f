// What all copies of this package on one page share: a script tag and a bundle, two script tags, two bundles.
import type { StartKeeper } from './guest/ports.ts';
import type { Authentication } from './members/authentication.ts';
import type { StartMembers } from './members/ports.ts';
import type { Messenger } from './messenger.ts';
import type { GuestSession, Launcher } from './types.ts';

export interface TrustedTypePolicy {
  createScriptURL(url: string): string;
}

/** Names and shapes here are fixed: copies of different versions meet in it. */
export interface Page {
  /** The session that lives, from its first moment. */
  booting?: Promise<GuestSession> | undefined;
  session?: GuestSession | undefined;
  /** Messenger cannot be unloaded and its subscriptions cannot be undone, so there is one connection for all sessions. */
  messenger?: Messenger;
  /** Messenger was cleared: it takes no commands until the page is loaded again. */
  cleared?: boolean;
  /** A page may allow a policy of one name to be made once. */
  policy?: TrustedTypePolicy;
  /** What `guest.js` brought. */
  guest?: StartKeeper;
  /** What `members.js` brought. */
  members?: StartMembers;
  /** As with Messenger, one connection for all sessions: a plugin's name can be registered once. */
  authentication?: Authentication;
  /** What `facade.js` brought. */
  facade?: Launcher;
}

export const thisPage = (): Page => {
  const shelf = window as unknown as Record<symbol, Page | undefined>;
  const key = Symbol.for('genesys-guest');
  shelf[key] ??= {};
  return shelf[key];
};

/** A property of the document itself: markup with that name may stand before it. */
export const real = <Name extends keyof Document>(name: Name): Document[Name] =>
  Reflect.get(Document.prototype, name, document);

/** A global that a script has set. Markup cannot: an element's name or id makes no property of the window's own. */
export const own = <Name extends keyof Window>(name: Name): Window[Name] | undefined =>
  Object.hasOwn(window, name) ? window[name] : undefined;
