// The one kind of error that leaves this package.
import type { ProblemCode } from '@genesys-guest/common';

/** What to do about each failure that is found on the page; the server's bring their own text. */
export const MENDS = {
  config_failed: 'check endpoint and server',
  messenger_blocked: 'allow Genesys: ad blocker, CSP',
  domain_not_allowed: 'add this domain to the deployment',
  deployment_inactive: 'activate the deployment',
  messenger_timeout: 'slow, or webchatId wrong; ready may follow',
  messenger_conflict: 'remove the other deployment',
  messenger_headless: 'use launcher none',
  messenger_cleared: 'reload the page',
  attributes_too_large: 'send less than 2 kB',
  cookie_blocked: 'use https and allow the cookie',
  launcher_unknown: 'use genesys, facade or none',
  sign_in_required: 'sign in on the site',
};

/**
 * What went wrong, for `switch (error.code)`. The chat itself goes on wherever it can.
 *
 * - `config_failed`: our server could not be reached, what answered was not our server, or a script of ours did not come.
 * - `messenger_blocked`: the browser did not load Messenger: an ad blocker, a content security policy, the network.
 * - `domain_not_allowed`: the deployment does not list this page's domain.
 * - `deployment_inactive`: the deployment is switched off.
 * - `messenger_timeout`: Messenger did not get ready in time. It is still welcome: `ready` follows if it does.
 * - `messenger_conflict`: the page runs a Messenger of another deployment, or something else is `window.Genesys`.
 * - `messenger_headless`: the deployment has no window to open.
 * - `messenger_cleared`: after `forget` Messenger takes no commands until the page is loaded again.
 * - `attributes_too_large`: with ours, all attributes together would pass what Messenger can send; ours were left out.
 * - `cookie_blocked`: our cookie does not come back: the browser refuses it, or the page is not served over https. Told once;
 *   the chat works without a token.
 * - `launcher_unknown`: there is no launcher of that name; the platform's own is shown.
 * - `auth_provider_taken`: the page has an `AuthProvider` of its own. Members are signed in by that one, or not at all.
 * - `sign_in_required`: the deployment wants a member, and nobody is signed in on the site.
 * - the others come from the server, see {@link ProblemCode}.
 */
export type GuestErrorCode = keyof typeof MENDS | 'auth_provider_taken' | ProblemCode;

/** An error with a `code`. Its `message` says what to do. It never carries a token. */
export interface GuestError extends Error {
  /** Always `GuestError`. */
  readonly name: 'GuestError';
  /** What went wrong. */
  readonly code: GuestErrorCode;
  /** Seconds, where the server said how long to wait; else 0. */
  readonly retryAfter: number;
}

export const guestError = (
  code: GuestErrorCode,
  retryAfter = 0,
  mend: string | undefined = MENDS[code as keyof typeof MENDS],
): GuestError =>
  // Defined, not assigned: a page may have frozen `Error.prototype`.
  Object.defineProperty(Object.assign(new Error(`${code}: ${mend}`), { code, retryAfter }), 'name', {
    value: 'GuestError',
  }) as GuestError;
