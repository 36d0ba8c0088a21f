// Turns what the site says of a signed-in visitor into what the provider may say of them.
import { GuestTokenError } from '../lib/errors.ts';
import type { MemberIdentity, MembersPorts } from './ports.ts';

/** The claims that are copied, by name: a site cannot overwrite a registered claim by mistake. */
export const CLAIM_NAMES = ['email', 'given_name', 'family_name'] as const;

export type MemberClaims = Readonly<Partial<Record<(typeof CLAIM_NAMES)[number], string>>>;

export interface Member {
  readonly sub: string;
  /** Seconds since 1970. */
  readonly authTime?: number;
  readonly claims: MemberClaims;
}

/** Characters: an email address has at most 254 (RFC 5321), and a code has to stay under its own limit. */
const MOST: Readonly<Record<keyof MemberClaims, number>> = { email: 254, given_name: 100, family_name: 100 };

/** Seconds that the site's clock may be ahead of ours. */
const SKEW = 60;

/** @throws GuestTokenError `guest_invalid` where the id cannot be a `sub` */
export type ReadMember = (identity: MemberIdentity) => Member;

export const createReadMember = ({ now, log }: Pick<MembersPorts, 'now' | 'log'>) => {
  const warned = new Set<string>();
  const warnOnce = (message: string): void => {
    if (!warned.has(message)) log('warn', message);
    warned.add(message);
  };
  const read: ReadMember = ({ externalId, claims, authTime }) => {
    const time = readAuthTime(authTime, Math.floor(now() / 1_000), warnOnce);
    return {
      sub: readSubject(externalId),
      claims: readClaims(claims ?? {}, warnOnce),
      ...(time !== undefined && { authTime: time }),
    };
  };
  return read;
};

/** OpenID Connect Core, 2: at most 255 ASCII characters. Never changed: two ids may differ in case or a blank. */
const readSubject = (externalId: unknown): string => {
  if (typeof externalId === 'string' && /^[\x20-\x7e]{1,255}$/.test(externalId)) return externalId;
  const message =
    'must have 1 to 255 printable ASCII characters where `members` is set: give members another id';
  throw new GuestTokenError('guest_invalid', `externalId ${message}`, {
    errors: [{ field: 'externalId', message }],
  });
};

/** Control characters, line and paragraph separators, and marks that turn the direction of what follows. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const readClaims = (
  given: { readonly [name: string]: unknown },
  warnOnce: (message: string) => void,
): MemberClaims => {
  const claims: Partial<Record<(typeof CLAIM_NAMES)[number], string>> = {};
  for (const name of CLAIM_NAMES) {
    const value = given[name];
    if (typeof value !== 'string') continue;
    const text = value.replaceAll(CONTROLS, '');
    if (text.length > MOST[name]) {
      warnOnce(`The claim ${name} of a member is left out, as it is longer than ${MOST[name]} characters`);
    } else if (text !== '') claims[name] = text;
  }
  return claims;
};

const readAuthTime = (
  given: unknown,
  now: number,
  warnOnce: (message: string) => void,
): number | undefined => {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && given >= 0 && given <= now + SKEW) return Math.min(Math.floor(given), now);
  warnOnce(
    'The authTime of a member is left out: give seconds since 1970, not milliseconds and not a time to come',
  );
  return undefined;
};
