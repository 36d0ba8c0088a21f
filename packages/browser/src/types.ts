// What users of this package see.
import type { Attributes, MessengerSettings, OnboardingConfig } from '@genesys-guest/common';
import type { Headers } from './api.ts';
import type { GuestErrorCode } from './errors.ts';

/** Texts of the facade launcher. Where one is missing, it follows `<html lang>`. */
export interface Labels {
  /** The button that opens the chat. */
  readonly open?: string | undefined;
  /** The button while the chat is open. */
  readonly close?: string | undefined;
  /** Said while Messenger loads. */
  readonly loading?: string | undefined;
  /** Said when Messenger could not be loaded; the button tries again. */
  readonly failed?: string | undefined;
}

/** What a launcher of one's own is given. */
export interface LauncherTools {
  /** What the launcher opens. */
  readonly session: GuestSession;
  /** Its texts. */
  readonly labels: Labels;
  /** Nonce of the page's content security policy. */
  readonly nonce: string | undefined;
  /** Where Messenger's script will come from, if that is known: worth a connection once the visitor seems about to use it. */
  readonly bootstrap: string | undefined;
}

/**
 * Shows something that opens the chat, and returns what takes it away again: called when the session ends, or when the
 * platform's own launcher becomes visible.
 */
export type Launcher = (tools: LauncherTools) => () => void;

/** What `boot` takes. */
export interface BootOptions {
  /** URL of the mount path, such as `/chat`. Default: where the script came from; `/chat` for the module. */
  readonly endpoint?: string | undefined;
  /**
   * `genesys`: the platform's own, as the deployment shows it. `facade`, or a function of that shape: it is shown at once, and
   * nothing is fetched until it is used. `none`: whatever the page does with `session.open()`. Default: `genesys`.
   */
  readonly launcher?: 'genesys' | 'facade' | 'none' | Launcher | undefined;
  /** Show the platform's launcher where the deployment shows it on demand only. Default: leave that to the deployment. */
  readonly show?: boolean | undefined;
  /**
   * When an anonymous visitor's token is issued. `lazy`: when the chat is opened, a conversation goes on, or page code calls
   * `getToken()`. `eager`: at once. A signed-in member's is issued at once in any case. Default: `lazy`.
   */
  readonly token?: 'lazy' | 'eager' | undefined;
  /**
   * What happens to the conversation when a member leaves, or another one takes the place, while the page is open. `clear`: it
   * is ended; where the deployment does not allow that, Messenger is cleared. Default: `clear`.
   */
  readonly onChange?: 'clear' | 'keep' | undefined;
  /**
   * Messenger needs a member, and the site's session is over. May sign the member in, with a dialog for example, and resolve:
   * then Messenger is answered. Default: it is told as the event `sign_in_required` alone.
   */
  readonly onSignInRequired?: (() => unknown) | undefined;
  /** Nonce of the page's content security policy, for Messenger's script and for ours that are fetched later. */
  readonly nonce?: string | undefined;
  /** Headers for each request to our server, such as the host's CSRF token; a function is asked every time. */
  readonly headers?: Headers | undefined;
  /** Facts of the page for the agent, see {@link GuestSession.setContext}. */
  readonly context?: Attributes | undefined;
  /** Texts of the facade launcher. */
  readonly labels?: Labels | undefined;
  /** Ms after which a Messenger that is not ready is reported. Default: 15,000. */
  readonly readyTimeout?: number | undefined;
  /** Aborting disposes the session. */
  readonly signal?: AbortSignal | undefined;
  /** What Messenger needs, where the page knows it: then it loads beside the config, not after it. */
  readonly messenger?: MessengerSettings | undefined;
}

/** Every event with what it tells. None carries a token or an id: tag managers read them. */
export interface GuestEvents {
  /** The launcher can be used. Replayed to late listeners. */
  ready: undefined;
  /** There is a new token, the first one included. `expiresIn`: seconds. */
  renewed: {
    /** Seconds. */
    readonly expiresIn: number | undefined;
  };
  /** The token has expired; told once. Renewal goes on. */
  expired: undefined;
  /** The visitor is someone else now. */
  changed: undefined;
  /** Messenger's window was opened. */
  opened: undefined;
  /** Messenger's window was closed. */
  closed: undefined;
  /** Messenger needs a member, and nobody is signed in on the site. */
  sign_in_required: undefined;
  /** Something went wrong; the chat goes on wherever it can. */
  error: {
    /** What. */
    readonly code: GuestErrorCode;
    /** Seconds, where the server said how long to wait; else 0. */
    readonly retryAfter: number;
  };
  /** The session has ended. */
  disposed: undefined;
}

/** A page's guest, from `boot` until `dispose`. */
export interface GuestSession {
  /** The newest answer of our server, with the token while it is good; `undefined` until there is one. */
  readonly config: OnboardingConfig | undefined;
  /** The guest token: `undefined` until there is one, and once it has expired. Reading it never causes an issue. */
  readonly token: string | undefined;
  /**
   * The guest token, issued if need be. Rejects where none can be had: with our server's error, `cookie_blocked`, or
   * `upstream_unavailable`.
   */
  getToken(): Promise<string>;
  /** Opens Messenger's window, loading Messenger first where that was left for later. */
  open(): Promise<void>;
  /** Closes Messenger's window. */
  close(): Promise<void>;
  /** Renews the token now. Happens by itself before it expires. */
  renew(): Promise<OnboardingConfig>;
  /**
   * Asks again who the visitor is: after a sign-in or sign-out without a page load. Resolves when nothing of the last member is
   * left in Messenger.
   */
  refresh(): Promise<OnboardingConfig>;
  /**
   * Drops the visitor's token and cookie, ends the conversation where the deployment allows that, removes our attributes, clears
   * Messenger in all tabs and ends the session. Messenger works again after the next page load. Rejects if the server could not be
   * told; the rest is done all the same. Works on an ended session, too.
   */
  forget(): Promise<void>;
  /** Facts of the page for the agent, such as the cart or the language. They go to Messenger alone and never cost a token. */
  setContext(context: Attributes): void;
  /** Listens to an event. @returns what removes the listener */
  on<Type extends keyof GuestEvents>(type: Type, listener: (detail: GuestEvents[Type]) => void): () => void;
  /** Stops renewal, removes our launcher and listeners. Messenger itself cannot be unloaded and stays. */
  dispose(): void;
  /** As {@link dispose}. */
  [Symbol.dispose](): void;
}

/** What `boot.js` puts on the page. */
export interface GuestScript {
  /** Boots the guest, or returns the session that lives. */
  boot(options?: BootOptions): Promise<GuestSession>;
}

declare global {
  /** For a page whose `lib` is older than `using`. */
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Window {
    GenesysGuest?: GuestScript;
  }
  /** For a page with our script. */
  const GenesysGuest: GuestScript;
  interface WindowEventMap {
    'genesys-guest:ready': CustomEvent<GuestEvents['ready']>;
    'genesys-guest:renewed': CustomEvent<GuestEvents['renewed']>;
    'genesys-guest:expired': CustomEvent<GuestEvents['expired']>;
    'genesys-guest:changed': CustomEvent<GuestEvents['changed']>;
    'genesys-guest:opened': CustomEvent<GuestEvents['opened']>;
    'genesys-guest:closed': CustomEvent<GuestEvents['closed']>;
    'genesys-guest:sign_in_required': CustomEvent<GuestEvents['sign_in_required']>;
    'genesys-guest:error': CustomEvent<GuestEvents['error']>;
    'genesys-guest:disposed': CustomEvent<GuestEvents['disposed']>;
  }
}
