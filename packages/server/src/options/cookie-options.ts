// Resolves the visitor cookie: at start and never by request, so that a browser cannot be talked out of an attribute.
import { createHash } from 'node:crypto';
import type { ResolvedCookieOptions } from '../handler/ports.ts';
import { isLoopback } from '../lib/loopback.ts';
import { type Checked, checkFields, type Issues } from '../lib/option-issues.ts';
import { COOKIE_FIELDS } from './fields.ts';
import { sameSite } from './origins.ts';

const MAX_AGE = 30 * 86_400;

export interface CookieContext {
  readonly webchatId: string;
  readonly development: boolean;
  /** Other origins that are to send the cookie. */
  readonly allowedOrigins: readonly string[];
  readonly publicOrigin: string | undefined;
}

export const resolveCookie = (
  given: unknown,
  context: CookieContext,
  issues: Issues,
): ResolvedCookieOptions => {
  const own = checkFields(COOKIE_FIELDS, given, issues, 'cookie');
  const prefix = /^__(host|secure)-/i.exec(own.name ?? '')?.[1]?.toLowerCase();
  const asksForSecure = own.sameSite === 'None' || own.partitioned || prefix !== undefined;
  const secure = own.secure ?? (asksForSecure || !context.development);
  const name =
    own.name ?? `${secure && !own.domain ? '__Host-' : ''}genesys-guest-${shortHash(context.webchatId)}`;
  if (!secure) checkInsecure(own, prefix, context, issues);
  if (own.domain !== undefined) checkDomain(own.domain, own.name, prefix, context, issues);
  if (own.sameSite !== 'None') checkSites(own, context, issues);
  return {
    name,
    maxAge: own.maxAge ?? MAX_AGE,
    sameSite: own.sameSite ?? 'Lax',
    secure,
    partitioned: own.partitioned ?? false,
    domain: own.domain,
  };
};

type Own = Checked<typeof COOKIE_FIELDS>;

/** Tells apart the cookies of several deployments on one host. */
const shortHash = (webchatId: string): string =>
  createHash('sha256').update(webchatId).digest('hex').slice(0, 8);

const checkInsecure = (
  own: Own,
  prefix: string | undefined,
  context: CookieContext,
  issues: Issues,
): void => {
  const dropped = 'browsers drop such a cookie';
  const reasons = [
    own.sameSite === 'None' && `must be true with \`sameSite: None\`: ${dropped}`,
    own.partitioned && `must be true with \`partitioned\`: ${dropped}`,
    prefix && `must be true with a name that begins with __${prefix === 'host' ? 'Host' : 'Secure'}-`,
    !context.development && 'may be false in development alone (NODE_ENV): serve the site by https',
  ];
  for (const reason of reasons) if (reason) issues.add('cookie.secure', reason);
};

const checkDomain = (
  domain: string,
  name: string | undefined,
  prefix: string | undefined,
  { publicOrigin }: CookieContext,
  issues: Issues,
): void => {
  if (prefix === 'host' || name === undefined) {
    issues.add(
      'cookie.domain',
      "cannot go with a name that begins with __Host-, as the default does: leave it out, or set `cookie.name`, such as '__Secure-genesys-guest'",
    );
  }
  const host = publicOrigin && new URL(publicOrigin).hostname;
  if (host && host !== domain.toLowerCase() && !host.endsWith(`.${domain.toLowerCase()}`)) {
    issues.add(
      'cookie.domain',
      'must be the host of `publicOrigin` or above it: browsers drop other cookies',
    );
  }
};

/** Only pages of one site send a cookie that is not `SameSite=None`. */
const checkSites = (own: Own, context: CookieContext, issues: Issues): void => {
  const { allowedOrigins, publicOrigin, development } = context;
  const siteOf = (origin: string) => {
    if (publicOrigin) return sameSite(origin, publicOrigin);
    return development && isLoopback(origin) ? 'same' : 'other';
  };
  const others = allowedOrigins.filter((origin) => siteOf(origin) === 'other');
  const unknown = allowedOrigins.filter((origin) => siteOf(origin) === 'unknown');
  const none = "`cookie: { sameSite: 'None', secure: true }`";
  if (others.length > 0) {
    const otherwise = publicOrigin
      ? ''
      : ', or, if it is of the same site as this server, set `publicOrigin`';
    issues.add(
      'allowedOrigins',
      `browsers send no SameSite=Lax or Strict cookie from ${others.join(', ')}: set ${none}${otherwise}`,
    );
  }
  // Who sets it knows whether both hosts belong to one registered domain.
  if (unknown.length > 0 && own.sameSite === undefined) {
    issues.add(
      'allowedOrigins',
      `it cannot be known here whether ${unknown.join(', ')} and \`publicOrigin\` are one site: set \`cookie.sameSite\` to 'Lax' if they are below one registered domain of yours, else ${none}`,
    );
  }
};
