// Resolves the visitor cookie: at start and never by request, so that a browser cannot be talked out of an attribute.
import { createHash } from 'node:crypto';
import type { ResolvedCookieOptions } from '../handler/ports.ts';
import { isLoopback } from '../lib/loopback.ts';
import type { Checked } from '../lib/option-issues.ts';
import type { Resolving } from './environment.ts';
import type { HANDLER_FIELDS } from './fields.ts';
import { sameSite as sameSiteOf } from './origins.ts';
import type { ResolvedTokenOptions } from './resolved-options.ts';

type Given = Checked<typeof HANDLER_FIELDS> & { readonly webchatId: string };
type Tokens = Pick<ResolvedTokenOptions, 'cookieless' | 'development'>;

export const resolveCookie = (given: Given, tokens: Tokens, { issues }: Resolving): ResolvedCookieOptions => {
  const { maxAge, sameSite = 'Lax', partitioned, domain, ...own } = given.cookie;
  const asksForSecure = sameSite === 'None' || partitioned || PREFIX.test(own.name ?? '');
  const secure = own.secure ?? (asksForSecure || !tokens.development);
  const prefix = secure && !domain ? '__Host-' : '';
  const name = own.name ?? `${prefix}genesys-guest-${shortHash(given.webchatId)}`;
  if (asksForSecure && !secure) issues.add('cookie.secure', MUST_BE_SECURE);
  for (const [field, isFault, message] of rulesFor(given, tokens, secure)) {
    if (isFault) issues.add(field, message);
  }
  return { name, maxAge, sameSite, secure, partitioned, domain };
};

/** Tells apart the cookies of several deployments on one host. */
const shortHash = (webchatId: string): string =>
  createHash('sha256').update(webchatId).digest('hex').slice(0, 8);

/** Prefixes that ask a browser to refuse a cookie which is not what its name says. */
const PREFIX = /^__(host|secure)-/i;

const MUST_BE_SECURE =
  'must be true with `sameSite: None`, with `partitioned` and with a name that begins with __Host- or __Secure-: browsers drop such a cookie';

type Rule = readonly [field: string, isFault: boolean, message: string];

/** What cannot go together. */
const rulesFor = (
  { cookie: { name, sameSite, domain }, publicOrigin, allowedOrigins }: Given,
  { cookieless, development }: Tokens,
  secure: boolean,
): readonly Rule[] => {
  const host = publicOrigin && new URL(publicOrigin).hostname;
  const siteOf = (origin: string) => {
    if (publicOrigin) return sameSiteOf(origin, publicOrigin);
    return development && isLoopback(origin) ? 'same' : 'other';
  };
  // Only pages of one site send a cookie that is not `SameSite=None`.
  const from = (site: 'other' | 'unknown'): readonly string[] =>
    sameSite === 'None' || cookieless ? [] : allowedOrigins.filter((origin) => siteOf(origin) === site);
  const others = from('other');
  const unknown = from('unknown');
  const none = "`cookie: { sameSite: 'None', secure: true }`";
  const otherwise = publicOrigin ? '' : ', or, if it is of the same site as this server, set `publicOrigin`';
  return [
    [
      'cookie.secure',
      !secure && !development,
      'may be false in development alone (NODE_ENV): serve the site by https',
    ],
    [
      'cookie.domain',
      domain !== undefined && (name === undefined || /^__host-/i.test(name)),
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
