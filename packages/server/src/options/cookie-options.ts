// Settles the visitor cookie: at start and never by request, so that a browser cannot be talked out of an attribute.
import { createHash } from 'node:crypto';
import type { ResolvedCookieOptions } from '../handler/ports.ts';
import { checkFields, type Faults } from '../lib/option-issues.ts';
import { COOKIE_FIELDS } from './fields.ts';
import { isLoopback, isSameSite } from './origins.ts';

const MAX_AGE = 30 * 86_400;

export interface CookieSurroundings {
  readonly webchatId: string;
  readonly development: boolean;
  readonly allowedOrigins: readonly string[];
  readonly publicOrigin: string | undefined;
}

export const settleCookie = (
  given: unknown,
  around: CookieSurroundings,
  faults: Faults,
): ResolvedCookieOptions => {
  const own = checkFields(COOKIE_FIELDS, given, faults, 'cookie');
  const sameSite = own.sameSite ?? 'Lax';
  const partitioned = own.partitioned ?? false;
  const prefix = /^__(host|secure)-/i.exec(own.name ?? '')?.[1]?.toLowerCase();
  const asksForSecure = sameSite === 'None' || partitioned || prefix !== undefined;
  const secure = own.secure ?? (asksForSecure || !around.development);
  const name =
    own.name ?? `${secure && !own.domain ? '__Host-' : ''}genesys-guest-${shortHash(around.webchatId)}`;

  if (!secure) insecureFaults({ sameSite, partitioned, prefix, development: around.development }, faults);
  if (own.domain !== undefined) domainFaults(own.domain, own.name, prefix, around.publicOrigin, faults);
  if (sameSite !== 'None') crossSiteFaults(around, faults);
  return { name, maxAge: own.maxAge ?? MAX_AGE, sameSite, secure, partitioned, domain: own.domain };
};

/** Tells apart the cookies of several deployments on one host. */
const shortHash = (webchatId: string): string =>
  createHash('sha256').update(webchatId).digest('hex').slice(0, 8);

interface Insecure {
  readonly sameSite: string;
  readonly partitioned: boolean;
  readonly prefix: string | undefined;
  readonly development: boolean;
}

const insecureFaults = ({ sameSite, partitioned, prefix, development }: Insecure, faults: Faults): void => {
  const field = 'cookie.secure';
  if (sameSite === 'None')
    faults.add(field, 'must be true with `sameSite: None`: browsers drop such a cookie');
  if (partitioned) faults.add(field, 'must be true with `partitioned`: browsers drop such a cookie');
  if (prefix)
    faults.add(
      field,
      `must be true with a name that begins with __${prefix === 'host' ? 'Host' : 'Secure'}-`,
    );
  if (!development)
    faults.add(field, 'may be false in development alone (NODE_ENV): serve the site by https');
};

const domainFaults = (
  domain: string,
  name: string | undefined,
  prefix: string | undefined,
  publicOrigin: string | undefined,
  faults: Faults,
): void => {
  const host = publicOrigin && new URL(publicOrigin).hostname;
  if (prefix === 'host' || name === undefined) {
    faults.add(
      'cookie.domain',
      "cannot go with a name that begins with __Host-, as the default does: leave it out, or set `cookie.name`, such as '__Secure-genesys-guest'",
    );
  }
  if (host && host !== domain.toLowerCase() && !host.endsWith(`.${domain.toLowerCase()}`)) {
    faults.add(
      'cookie.domain',
      'must be the host of `publicOrigin` or above it: browsers drop other cookies',
    );
  }
};

/** Without `publicOrigin` another origin is taken for another site, unless both can only be on a developer's machine. */
const crossSiteFaults = (
  { allowedOrigins, publicOrigin, development }: CookieSurroundings,
  faults: Faults,
): void => {
  const foreign = allowedOrigins.filter((origin) =>
    publicOrigin ? !isSameSite(origin, publicOrigin) : !(development && isLoopback(origin)),
  );
  if (foreign.length === 0) return;
  const mend = publicOrigin ? '' : ', or, if it is of the same site as this server, set `publicOrigin`';
  faults.add(
    'allowedOrigins',
    `browsers send no SameSite=Lax or Strict cookie from ${foreign.join(', ')}: set \`cookie: { sameSite: 'None', secure: true }\`${mend}`,
  );
};
