// Turns a token into what a page is told.
import {
  type CheckedGuest,
  type OnboardingConfig,
  secondsLeft,
  secondsUntilRenewal,
} from '@genesys-guest/common';
import type { GuestToken } from '../store/ports.ts';
import type { TokenOptions, Told } from './ports.ts';

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

/** Writes the config of a known guest as JSON: every page view needs one, and most of it never changes. */
export const createConfigWriter = (
  { environment, webchatId, messenger }: OnboardingConfig,
  { options, now }: { readonly options: TokenOptions; readonly now: () => number },
) => {
  const head = `${JSON.stringify({ environment, webchatId }).slice(0, -1)},"externalId":`;
  const tail = `,"messenger":${JSON.stringify(messenger)}}`;
  return (guest: CheckedGuest, { token, renewIn }: Told, facts?: GuestFacts): string => {
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
