// What users of this package see.
import type { Attributes, MessengerSettings, OnboardingConfig } from '@genesys-guest/common';
import type { Headers } from './config.ts';
import type { GuestErrorCode } from './errors.ts';

/** Texts of the facade launcher. Where one is missing, it follows `<html lang>`. */
export interface Labels {
  /** The button that opens the chat. */
  readonly open?: string;
  /** The button while the chat is open. */
  readonly close?: string;
  /** Said while Messenger loads. */
  readonly loading?: string;
  /** Said when Messenger could not be loaded; the button tries again. */
  readonly failed?: string;
}

/** What a launcher of one's own is given. */
export interface LauncherTools {
  readonly session: GuestSession;
  readonly labels: Labels;
  readonly nonce: string | undefined;
  /** Where Messenger's script will come from, if that is known: worth a connection once the visitor seems about to use it. */
  readonly bootstrap: string | undefined;
}

/**
 * Shows something that opens the chat, and returns what takes it away again: called when the session ends, or when the
 * platform's own launcher becomes visible.
 */
export type Launcher = (tools: LauncherTools) => () => void;

export interface BootOptions {
  /** URL of the mount path, such as `/chat`. Default: where the script came from; `/chat` for the module. */
  readonly endpoint?: string | undefined;
  /**
   * `genesys`: the platform's own, shown at once. `none`: whatever the page does with `session.open()`. A function such as
   * `facade`: it is shown at once, and nothing is fetched until it is used. Default: `genesys`.
   */
  readonly launcher?: 'genesys' | 'none' | Launcher | undefined;
  /** Nonce of the page's content security policy, for the script of Messenger. */
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
  renewed: { readonly expiresIn: number | undefined };
  /** The token has expired; told once. Renewal goes on. */
  expired: undefined;
  /** The visitor is someone else now. */
  changed: undefined;
  /** Messenger's window was opened. */
  opened: undefined;
  /** Messenger's window was closed. */
  closed: undefined;
  /** `retryAfter`: seconds, where the server said how long to wait; else 0. */
  error: { readonly code: GuestErrorCode; readonly retryAfter: number };
  /** The session has ended. */
  disposed: undefined;
}

/** A page's guest, from `boot` until `dispose`. */
export interface GuestSession {
  /** The newest answer of our server, with the token while it is good; `undefined` until there is one. */
  readonly config: OnboardingConfig | undefined;
  /** The guest token: `undefined` until there is one, and once it has expired. */
  readonly token: string | undefined;
  /** Opens Messenger's window, loading Messenger first where that was left for later. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Renews the token now. Happens by itself before it expires. */
  renew(): Promise<OnboardingConfig>;
  /** Asks again who the visitor is: after a sign-in or sign-out without a page load. */
  refresh(): Promise<OnboardingConfig>;
  /**
   * Drops the visitor's token and cookie, removes our attributes, clears Messenger in all tabs and ends the session. Messenger
   * works again after the next page load. Rejects if the server could not be told; the rest is done all the same.
   */
  forget(): Promise<void>;
  /** Facts of the page for the agent, such as the cart or the language. They go to Messenger alone and never cost a token. */
  setContext(context: Attributes): void;
  /** @returns what removes the listener */
  on<Type extends keyof GuestEvents>(type: Type, listener: (detail: GuestEvents[Type]) => void): () => void;
  /** Stops renewal, removes our launcher and listeners. Messenger itself cannot be unloaded and stays. */
  dispose(): void;
  [Symbol.dispose](): void;
}

declare global {
  interface WindowEventMap {
    'genesys-guest:ready': CustomEvent<GuestEvents['ready']>;
    'genesys-guest:renewed': CustomEvent<GuestEvents['renewed']>;
    'genesys-guest:expired': CustomEvent<GuestEvents['expired']>;
    'genesys-guest:changed': CustomEvent<GuestEvents['changed']>;
    'genesys-guest:opened': CustomEvent<GuestEvents['opened']>;
    'genesys-guest:closed': CustomEvent<GuestEvents['closed']>;
    'genesys-guest:error': CustomEvent<GuestEvents['error']>;
    'genesys-guest:disposed': CustomEvent<GuestEvents['disposed']>;
  }
}
