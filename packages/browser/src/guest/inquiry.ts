// Asks our server who the visitor is, and for the token that goes with it; keeps the newest answer.
import { isAnonymousId, type OnboardingConfig } from '@genesys-guest/common';
import type { GuestError } from '../errors.ts';
import { emit } from '../events.ts';
import type { KeeperTools } from './ports.ts';
import { NEVER, type Renewal } from './renewal.ts';
import { takeTurn } from './turn.ts';

/** How often a tab leaves the renewal to another one, and for how long each time, seconds. */
const PATIENCE = 5;
const PAUSE = 2;
/** Renewals after which a cookie that never came back is given up. */
const COOKIE_TRIES = 3;

/** What is known of the visitor, and what is needed to learn more. */
export interface Inquiry extends Omit<KeeperTools, 'first' | 'used'> {
  /** The first answer, until it is taken. */
  first?: KeeperTools['first'];
  renewal: Renewal;
  /** The newest answer, and when it was asked for, ms of the clock. */
  newest?: OnboardingConfig;
  anchor: number;
  /** The token of it or of an earlier one, and until when it is good, ms of the clock. */
  held?: string | undefined;
  expiry: number;
  /** Is an anonymous visitor's token wanted? */
  used: boolean;
  /** Must we first ask who this is? 2: as another tab heard of someone else, so that nobody has to be told. */
  identifying?: boolean | 2;
  /** How often another tab was at it; beyond our patience we do not ask for our turn. */
  refused: number;
  /** Renewals in a row whose answer knows no visitor: our cookie did not come back. */
  strange: number;
}

/** Ms of the clock until which an answer's token is good. What says no lifetime has none. */
export const expiryOf = ({ expiresIn }: OnboardingConfig, anchor: number): number =>
  anchor + (expiresIn as number) * 1000;

const isMember = (externalId: string | undefined) => externalId && !isAnonymousId(externalId);

/** The token while it is good. */
export const tokenOf = (inquiry: Inquiry): string | undefined =>
  inquiry.now() < inquiry.expiry ? inquiry.held : undefined;

/** The newest answer with the token while it is good: the same object until something changes. */
export const configOf = (inquiry: Inquiry): OnboardingConfig | undefined => {
  const guestToken = tokenOf(inquiry);
  const { newest } = inquiry;
  if (newest && newest.guestToken !== guestToken)
    inquiry.newest = { ...newest, guestToken } as OnboardingConfig;
  return inquiry.newest;
};

export const drop = (inquiry: Inquiry): void => {
  inquiry.held = undefined;
  inquiry.expiry = NEVER;
};

export const isCookieBlocked = ({ strange }: Inquiry): boolean => strange >= COOKIE_TRIES;

/** Sets when to ask again: for an anonymous visitor's token only where it is wanted. */
export const plan = (inquiry: Inquiry): void => {
  const { newest, anchor, expiry, used } = inquiry;
  const wanted = (used || isMember(newest?.externalId)) && !isCookieBlocked(inquiry);
  inquiry.renewal.schedule(anchor, wanted ? newest?.renewIn : NEVER, expiry);
};

/** Holds an answer for as old as the question. */
const hold = (inquiry: Inquiry, answer: OnboardingConfig, anchor: number): void => {
  const { guestToken } = answer;
  inquiry.newest = answer;
  inquiry.anchor = anchor;
  if (guestToken) {
    inquiry.held = guestToken;
    inquiry.expiry = expiryOf(answer, anchor);
  }
  inquiry.refused = 0;
  plan(inquiry);
};

/** Takes an answer, and tells what is new in it; the first one has been told, but for its token. */
export const adopt = (
  inquiry: Inquiry,
  answer: OnboardingConfig,
  anchor: number,
  { first, sudden }: { readonly first?: boolean; readonly sudden?: boolean | undefined } = {},
): void => {
  const { externalId, guestToken, expiresIn } = answer;
  const before = inquiry.newest?.externalId;
  const changed = before && before !== externalId;
  if (changed) drop(inquiry);
  const renewed = guestToken && guestToken !== inquiry.held;
  hold(inquiry, answer, anchor);
  if (!first) inquiry.adopt(answer, sudden);
  if (changed) {
    if (isMember(before)) inquiry.left();
    emit('changed');
  }
  if (renewed) emit('renewed', { expiresIn });
};

const inquire = async (inquiry: Inquiry, path: '/config' | '/renew', sudden?: boolean): Promise<void> => {
  const anchor = inquiry.now();
  const at = Date.now();
  const renews = path === '/renew';
  // `again`: the page has been given a cookie before.
  const body = { externalId: inquiry.newest?.externalId, again: inquiry.strange > 0 || undefined };
  const answer = await inquiry.api(path, renews ? body : undefined);
  if (inquiry.signal.aborted) return;
  if (answer.externalId) inquiry.strange = 0;
  else if (renews) inquiry.strange += 1;
  adopt(inquiry, answer, anchor, { sudden });
  // Two tabs may be two persons for good, such as by a header of each: they would ask each other for ever.
  if (inquiry.identifying !== 2) inquiry.post([answer, at]);
  if (renews && inquiry.strange === COOKIE_TRIES)
    console.warn(inquiry.fail(inquiry.guestError('cookie_blocked')));
};

const identify = async (inquiry: Inquiry, sudden?: boolean) => {
  const { first } = inquiry;
  delete inquiry.first;
  if (first) {
    const [answer, anchor] = await first;
    adopt(inquiry, answer, anchor, { first: true });
  } else await inquire(inquiry, '/config', sudden);
  inquiry.identifying = false;
};

/** Someone else's page must first learn whose it is; a first visitor gets a cookie first and a token then. */
const renew = async (inquiry: Inquiry) => {
  await inquire(inquiry, '/renew').catch((error: GuestError) => {
    if (error.code !== 'guest_changed') throw error;
    drop(inquiry);
    inquiry.identifying = true;
    return identify(inquiry, true);
  });
  if (!inquiry.held && inquiry.renewal.isDue()) await inquire(inquiry, '/renew');
};

/** Asks what is to be asked; of many tabs one renews. */
export const ask = async (inquiry: Inquiry): Promise<void> => {
  const { renewal, endpoint } = inquiry;
  try {
    if (inquiry.identifying) await identify(inquiry);
    if (inquiry.refused > PATIENCE) await renew(inquiry);
    else if (renewal.isDue()) {
      // Another tab's answer may come while we ask for our turn.
      const work = async () => renewal.isDue() && renew(inquiry);
      const took = await takeTurn(`genesys-guest:${endpoint}`, work);
      if (took || !renewal.isDue()) return;
      inquiry.refused += 1;
      renewal.schedule(inquiry.now(), PAUSE);
    }
  } catch (error) {
    if (!inquiry.signal.aborted) inquiry.fail(error as GuestError);
    throw error;
  }
};
