// Turns a token into what a page is told.
import { type Guest, type OnboardingConfig, secondsLeft, secondsUntilRenewal } from '@genesys-guest/common';
import type { GuestToken } from '../store/ports.ts';
import type { TokenOptions } from './ports.ts';

/** The public part: what anyone may know of a deployment. */
export const publicConfig = ({ region, bootstrap }: TokenOptions, webchatId: string): OnboardingConfig => ({
  environment: region.domain,
  webchatId,
  messenger: { bootstrap, environment: region.messenger, deploymentId: webchatId },
});

/** What a page is told where Messenger chats alone (`source: 'none'`): who the guest is, and nothing to renew. */
export const tokenlessConfig = (base: OnboardingConfig, guest: Guest | undefined): OnboardingConfig => ({
  ...base,
  ...(guest && { externalId: guest.externalId }),
  ...(guest?.attributes && { attributes: guest.attributes }),
});

/**
 * The config of a known guest, with the token where there is a good one.
 * @param now milliseconds, of the clock that the token is judged by
 * @param renewIn seconds, where it is not the token's own schedule that decides
 */
export const guestConfig = (
  base: OnboardingConfig,
  guest: Guest,
  token: GuestToken | undefined,
  options: Pick<TokenOptions, 'renewBefore'>,
  now: number,
  renewIn?: number,
): OnboardingConfig => ({
  environment: base.environment,
  webchatId: base.webchatId,
  externalId: guest.externalId,
  ...(token && {
    guestToken: token.token,
    expirationTime: new Date(token.expiresAt).toISOString(),
    expiresIn: secondsLeft(token, now),
  }),
  renewIn: renewIn ?? (token ? secondsUntilRenewal(token, options.renewBefore * 1000, now) : 0),
  ...(guest.attributes && { attributes: guest.attributes }),
  messenger: base.messenger,
});
