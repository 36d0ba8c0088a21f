// Turns a token into what a page is told.
import {
  type CheckedGuest,
  type OnboardingConfig,
  secondsLeft,
  secondsUntilRenewal,
} from '@genesys-guest/common';
import type { GuestToken } from '../store/ports.ts';
import type { TokenOptions } from './ports.ts';

/** The public part: what anyone may know of a deployment, and whether its mount has signed-in members. */
export const publicConfig = (
  { region, bootstrap }: TokenOptions,
  webchatId: string,
  members = false,
): OnboardingConfig => ({
  environment: region.domain,
  webchatId,
  messenger: {
    bootstrap,
    environment: region.messenger,
    deploymentId: webchatId,
    ...(members && { members }),
  },
});

/** In place of seconds where Messenger chats alone (`source: 'none'`): there is nothing to renew, and a page hears of no time. */
export const NEVER = Number.POSITIVE_INFINITY;

/** What a mount with members or proofs tells of a guest. */
export type GuestFacts = Pick<OnboardingConfig, 'member' | 'proof'>;

/** What there is to tell a known guest. */
export interface Telling {
  readonly guest: CheckedGuest;
  /** Where there is a good one. */
  readonly token?: GuestToken | undefined;
  /** Seconds or {@link NEVER}, where it is not the token's own schedule that decides. */
  readonly renewIn?: number | undefined;
  /** What else a page of this mount is told of the guest. */
  readonly facts?: GuestFacts | undefined;
}

/** The config of a known guest as JSON: every page view needs one, and most of it never changes. */
export type ConfigWriter = (telling: Telling) => string;

export const createConfigWriter = (
  { environment, webchatId, messenger }: OnboardingConfig,
  { options, now }: { readonly options: TokenOptions; readonly now: () => number },
): ConfigWriter => {
  const head = `${JSON.stringify({ environment, webchatId }).slice(0, -1)},"externalId":`;
  const tail = `,"messenger":${JSON.stringify(messenger)}}`;
  return ({ guest, token, renewIn, facts }) => {
    const at = now();
    const due = renewIn ?? (token ? secondsUntilRenewal(token, options.renewBefore * 1_000, at) : 0);
    const attributes = guest.attributes ? `,"attributes":${JSON.stringify(guest.attributes)}` : '';
    const more = facts ? `,${JSON.stringify(facts).slice(1, -1)}`.replace(/^,$/, '') : '';
    const renewal = due === NEVER ? '' : `,"renewIn":${due}`;
    const issued = token ? tokenJson(token, secondsLeft(token, at)) : '';
    return `${head}${JSON.stringify(guest.externalId)}${issued}${renewal}${attributes}${more}${tail}`;
  };
};

const tokenJson = ({ token, expiresAt }: GuestToken, expiresIn: number): string =>
  `,"guestToken":${JSON.stringify(token)},"expirationTime":"${new Date(expiresAt).toISOString()}","expiresIn":${expiresIn}`;
