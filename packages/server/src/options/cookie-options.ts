// Resolves the visitor cookie: at start and never by request, so that a browser cannot be talked out of an attribute.
import { createHash } from 'node:crypto';
import type { ResolvedCookieOptions, ResolvedHandlerOptions } from '../handler/ports.ts';
import { isLoopback } from '../lib/loopback.ts';
import { type Checked, checkFields, type Issues } from '../lib/option-issues.ts';
import { COOKIE_FIELDS } from './fields.ts';
import { sameSite as sameSiteOf } from './origins.ts';

const MAX_AGE = 30 * 86_400;

type CookieContext = Pick<ResolvedHandlerOptions, 'webchatId' | 'publicOrigin'> & {
  readonly development: boolean;
  /** Other origins that are to send the cookie. */
  readonly allowedOrigins: readonly string[];
};

export const resolveCookie = (
  given: unknown,
  context: CookieContext,
  issues: Issues,
): ResolvedCookieOptions => {
  const own = checkFields(COOKIE_FIELDS, given, issues, 'cookie');
  const { maxAge = MAX_AGE, sameSite = 'Lax', partitioned = false, domain } = own;
  const asksForSecure = sameSite === 'None' || partitioned || PREFIX.test(own.name ?? '');
  const secure = own.secure ?? (asksForSecure || !context.development);
  const prefix = secure && !domain ? '__Host-' : '';
  const name = own.name ?? `${prefix}genesys-guest-${shortHash(context.webchatId)}`;
  for (const [field, isFault, message] of rulesFor(own, secure, context)) {
    if (isFault) issues.add(field, message);
  }
  return { name, maxAge, sameSite, secure, partitioned, domain };
};

/** Tells apart the cookies of several deployments on one host. */
const shortHash = (webchatId: string): string =>
  createHash('sha256').update(webchatId).digest('hex').slice(0, 8);

/** Prefixes that ask a browser to refuse a cookie which is not what its name says. */
const PREFIX = /^__(host|secure)-/i;

type Rule = readonly [field: string, isFault: boolean, message: string];

/** What cannot go together. */
const rulesFor = (
  { name, sameSite, partitioned = false, domain }: Checked<typeof COOKIE_FIELDS>,
  secure: boolean,
  { development, publicOrigin, allowedOrigins }: CookieContext,
): readonly Rule[] => {
  const [prefix = ''] = PREFIX.exec(name ?? '') ?? [];
  const host = publicOrigin && new URL(publicOrigin).hostname;
  const siteOf = (origin: string) => {
    if (publicOrigin) return sameSiteOf(origin, publicOrigin);
    return development && isLoopback(origin) ? 'same' : 'other';
  };
  // Only pages of one site send a cookie that is not `SameSite=None`.
  const from = (site: 'other' | 'unknown'): readonly string[] =>
    sameSite === 'None' ? [] : allowedOrigins.filter((origin) => siteOf(origin) === site);
  const others = from('other');
  const unknown = from('unknown');
  const none = "`cookie: { sameSite: 'None', secure: true }`";
  const otherwise = publicOrigin ? '' : ', or, if it is of the same site as this server, set `publicOrigin`';
  return [
    ['cookie.secure', !secure && sameSite === 'None', `must be true with \`sameSite: None\`: ${DROPPED}`],
    ['cookie.secure', !secure && partitioned, `must be true with \`partitioned\`: ${DROPPED}`],
    ['cookie.secure', !secure && prefix !== '', `must be true with a name that begins with ${prefix}`],
    [
      'cookie.secure',
      !secure && !development,
      'may be false in development alone (NODE_ENV): serve the site by https',
    ],
    [
      'cookie.domain',
      domain !== undefined && (name === undefined || /^__host-/i.test(prefix)),
      "cannot go with a name that begins with __Host-, as the default does: leave it out, or set `cookie.name`, such as '__Secure-genesys-guest'",
    ],
    [
      'cookie.domain',
      domain !== undefined && host !== undefined && !`.${host}`.endsWith(`.${domain.toLowerCase()}`),
      'must be the host of `publicOrigin` or above it: browsers drop other cookies',
    ],
    [
      'allowedOrigins',
      others.length > 0,
      `browsers send no SameSite=Lax or Strict cookie from ${others.join(', ')}: set ${none}${otherwise}`,
    ],
    [
      'allowedOrigins',
      // Who sets it knows whether both hosts belong to one registered domain.
      unknown.length > 0 && sameSite === undefined,
      `it cannot be known here whether ${unknown.join(', ')} and \`publicOrigin\` are one site: set \`cookie.sameSite\` to 'Lax' if they are below one registered domain of yours, else ${none}`,
    ],
  ];
};

const DROPPED = 'browsers drop such a cookie';
