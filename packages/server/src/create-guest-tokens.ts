// The way in without HTTP: options to guest tokens.
import { type GuestTokens, guestTokens } from './guest-tokens.ts';
import type { GuestTokensOptions } from './options/options.ts';
import { settleTokenOptions } from './options/token-options.ts';
import { createCore } from './tokens/create-core.ts';

/**
 * Issues, caches and renews guest tokens without a request handler. Not to be made per request: it keeps the tokens.
 * @throws ConfigurationError once, with every fault of the options and how to mend it
 */
export const createGuestTokens = (options: GuestTokensOptions = {}): GuestTokens =>
  guestTokens(createCore(settleTokenOptions(options, process.env)));
