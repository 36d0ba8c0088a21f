// The one kind of error that leaves this package.
import type { ProblemCode } from '@genesys-guest/common';

/**
 * What went wrong, for `switch (error.code)`. The chat itself goes on wherever it can.
 *
 * - `config_failed`: our server could not be reached, or what answered was not our server.
 * - `messenger_blocked`: the browser did not load Messenger: an ad blocker, a content security policy, the network.
 * - `domain_not_allowed`: the deployment does not list this page's domain.
 * - `deployment_inactive`: the deployment is switched off.
 * - `messenger_timeout`: Messenger did not get ready in time. It is still welcome: `ready` follows if it does.
 * - `messenger_conflict`: the page runs a Messenger of another deployment.
 * - `messenger_headless`: the deployment has no window to open.
 * - `messenger_cleared`: after `forget` Messenger takes no commands until the page is loaded again.
 * - `attributes_too_large`: with ours, all attributes together would pass what Messenger can send; ours were left out.
 * - the others come from the server, see {@link ProblemCode}.
 */
export type GuestErrorCode =
  | 'config_failed'
  | 'messenger_blocked'
  | 'domain_not_allowed'
  | 'deployment_inactive'
  | 'messenger_timeout'
  | 'messenger_conflict'
  | 'messenger_headless'
  | 'messenger_cleared'
  | 'attributes_too_large'
  | ProblemCode;

/** An error with a `code`. It never carries a token. */
export interface GuestError extends Error {
  readonly name: 'GuestError';
  readonly code: GuestErrorCode;
  /** Seconds, where the server said how long to wait; else 0. */
  readonly retryAfter: number;
}

export const guestError = (code: GuestErrorCode, retryAfter = 0): GuestError =>
  Object.assign(new Error(code), { name: 'GuestError' as const, code, retryAfter });
