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

/** What a page is told where Messenger chats alone (`source: 'none'`): who the guest is, and nothing to renew. */
export const tokenlessConfig = (
  base: OnboardingConfig,
  guest: CheckedGuest | undefined,
): OnboardingConfig => ({
  ...base,
  ...(guest && { externalId: guest.externalId }),
  ...(guest?.attributes && { attributes: guest.attributes }),
});

/** What a mount with members or proofs tells of a guest. */
export type GuestFacts = Pick<OnboardingConfig, 'member' | 'proof'>;

/** What there is to tell a known guest. */
export interface Telling {
  readonly guest: CheckedGuest;
  /** Where there is a good one. */
  readonly token?: GuestToken | undefined;
  /** Seconds, where it is not the token's own schedule that decides. */
  readonly renewIn?: number | undefined;
  /** What else a page of this mount is told of the guest. */
  readonly facts?: GuestFacts | undefined;
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
  return ({ guest, token, renewIn, facts }) => {
    const at = now();
    const due = renewIn ?? (token ? secondsUntilRenewal(token, renewBefore * 1_000, at) : 0);
    const attributes = guest.attributes ? `,"attributes":${JSON.stringify(guest.attributes)}` : '';
    const more = facts ? `,${JSON.stringify(facts).slice(1, -1)}`.replace(/^,$/, '') : '';
    const issued = token ? tokenJson(token, secondsLeft(token, at)) : '';
    return `${head}${JSON.stringify(guest.externalId)}${issued},"renewIn":${due}${attributes}${more}${tail}`;
  };
};

const tokenJson = ({ token, expiresAt }: GuestToken, expiresIn: number): string =>
  `,"guestToken":${JSON.stringify(token)},"expirationTime":"${new Date(expiresAt).toISOString()}","expiresIn":${expiresIn}`;
