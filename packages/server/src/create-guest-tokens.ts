// The way in without HTTP: options to guest tokens.
import { compose } from './compose.ts';
import type { GuestTokensOptions } from './options/options.ts';
import { logStart } from './options/resolved-options.ts';
import { resolveTokenOptions } from './options/token-options.ts';
import { type GuestTokens, guestTokens } from './tokens/guest-tokens.ts';

/**
 * Issues, caches and renews guest tokens without a request handler. Not to be made per request: it keeps the tokens.
 * @throws ConfigurationError once, with every issue of the options and how to fix it
 */
export const createGuestTokens = (options: GuestTokensOptions = {}): GuestTokens => {
  const resolved = resolveTokenOptions(options, process.env);
  const tokens = guestTokens(compose(resolved));
  logStart(resolved, { ...resolved, publicOrigin: undefined });
  return tokens;
};
