// Resolves the visitor cookie: at start and never by request, so that a browser cannot be talked out of an attribute.
import { createHash } from 'node:crypto';
import type { ResolvedCookieOptions } from '../handler/ports.ts';
import { isLoopback } from '../lib/loopback.ts';
import type { Checked, Issues } from '../lib/option-issues.ts';
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
  if (!secure && asksForSecure) issues.add('cookie.secure', MUST_BE_SECURE);
  if (!secure && !tokens.development) issues.add('cookie.secure', IN_DEVELOPMENT_ALONE);
  if (domain && /^__host-/i.test(own.name ?? '__Host-')) issues.add('cookie.domain', NOT_OF_A_HOST);
  const host = given.publicOrigin && new URL(given.publicOrigin).hostname;
  if (domain && host && !`.${host}`.endsWith(`.${domain.toLowerCase()}`)) {
    issues.add(
      'cookie.domain',
      'must be the host of `publicOrigin` or above it: browsers drop other cookies',
    );
  }
  // Only pages of one site send a cookie that is not `SameSite=None`.
  if (sameSite !== 'None' && !tokens.cookieless) checkSites(given, tokens.development, issues);
  return { name, maxAge, sameSite, secure, partitioned, domain };
};

/** Tells apart the cookies of several deployments on one host. */
const shortHash = (webchatId: string): string =>
  createHash('sha256').update(webchatId).digest('hex').slice(0, 8);

/** Prefixes that ask a browser to refuse a cookie which is not what its name says. */
const PREFIX = /^__(host|secure)-/i;

const MUST_BE_SECURE =
  'must be true with `sameSite: None`, with `partitioned` and with a name that begins with __Host- or __Secure-: browsers drop such a cookie';

const IN_DEVELOPMENT_ALONE = 'may be false in development alone (NODE_ENV): serve the site by https';

const NOT_OF_A_HOST =
  "cannot go with a name that begins with __Host-, as the default does: leave it out, or set `cookie.name`, such as '__Secure-genesys-guest'";

const checkSites = (
  { cookie, publicOrigin, allowedOrigins }: Given,
  development: boolean,
  issues: Issues,
): void => {
  const siteOf = (origin: string) => {
    if (publicOrigin) return sameSiteOf(origin, publicOrigin);
    return development && isLoopback(origin) ? 'same' : 'other';
  };
  const from = (site: 'other' | 'unknown'): string =>
    allowedOrigins.filter((origin) => siteOf(origin) === site).join(', ');
  const others = from('other');
  const unknown = from('unknown');
  const none = "`cookie: { sameSite: 'None', secure: true }`";
  const otherwise = publicOrigin ? '' : ', or, if it is of the same site as this server, set `publicOrigin`';
  if (others) {
    const why = `browsers send no SameSite=Lax or Strict cookie from ${others}`;
    issues.add('allowedOrigins', `${why}: set ${none}${otherwise}`);
  }
  // Who sets `cookie.sameSite` knows whether both hosts belong to one registered domain.
  if (unknown && cookie.sameSite === undefined) {
    const why = `it cannot be known here whether ${unknown} and \`publicOrigin\` are one site`;
    const lax = "set `cookie.sameSite` to 'Lax' if they are below one registered domain of yours";
    issues.add('allowedOrigins', `${why}: ${lax}, else ${none}`);
  }
};
