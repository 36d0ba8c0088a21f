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

/** What there is to tell a known guest. */
export interface Telling {
  readonly guest: Guest;
  /** Where there is a good one. */
  readonly token?: GuestToken | undefined;
  /** Seconds, where it is not the token's own schedule that decides. */
  readonly renewIn?: number | undefined;
}

/** The config of a known guest as JSON: every page view needs one, and most of it never changes. */
export type ConfigWriter = (telling: Telling) => string;

/** @param now milliseconds, of the clock that tokens are judged by */
export const createConfigWriter = (
  { environment, webchatId, messenger }: OnboardingConfig,
  { renewBefore }: Pick<TokenOptions, 'renewBefore'>,
  now: () => number,
): ConfigWriter => {
  const head = `${JSON.stringify({ environment, webchatId }).slice(0, -1)},"externalId":`;
  const tail = `,"messenger":${JSON.stringify(messenger)}}`;
  return ({ guest, token, renewIn }) => {
    const at = now();
    const due = renewIn ?? (token ? secondsUntilRenewal(token, renewBefore * 1_000, at) : 0);
    const attributes = guest.attributes ? `,"attributes":${JSON.stringify(guest.attributes)}` : '';
    const issued = token ? tokenJson(token, secondsLeft(token, at)) : '';
    return `${head}${JSON.stringify(guest.externalId)}${issued},"renewIn":${due}${attributes}${tail}`;
  };
};

const tokenJson = ({ token, expiresAt }: GuestToken, expiresIn: number): string =>
  `,"guestToken":${JSON.stringify(token)},"expirationTime":"${new Date(expiresAt).toISOString()}","expiresIn":${expiresIn}`;
