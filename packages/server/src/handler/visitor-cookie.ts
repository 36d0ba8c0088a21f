// The visitor cookie on the wire: found in a request, set by an answer, cleared by another.
import { randomBytes } from 'node:crypto';
import { stringifySetCookie } from 'cookie';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';
import { createSignedCookie, type SignedVisitor } from './signed-cookie.ts';

export type VisitorCookie = ReturnType<typeof createVisitorCookie>;

/** 144 random bits: nobody guesses another visitor's id, even where the site shows its own. */
const anonymousId = (): string => `guest-${randomBytes(18).toString('base64url')}`;

const secondsNow = (): number => Math.floor(Date.now() / 1000);
/** Our values need no encoding, and an encoded double of one is not ours. */
const asIs = (value: string): string => value;

export const createVisitorCookie = (
  { cookie, secrets, webchatId }: Pick<ResolvedHandlerOptions, 'cookie' | 'secrets' | 'webchatId'>,
  now: () => number = secondsNow,
) => {
  const { name, maxAge, sameSite, secure, partitioned, domain } = cookie;
  const signed = createSignedCookie({ secrets, name, webchatId, maxAge });
  const attributes = {
    path: '/',
    httpOnly: true,
    secure,
    partitioned,
    sameSite: sameSite.toLowerCase() as Lowercase<typeof sameSite>,
    ...(domain !== undefined && { domain }),
  };
  const pair = new RegExp(`(?:^|;)[ \\t]*${name.replace(/[$^*+.|]/g, '\\$&')}[ \\t]*=([^;]*)`, 'g');
  const set = (id: string, issuedAt: number): string =>
    stringifySetCookie(
      { ...attributes, name, value: signed.sign(id, issuedAt), maxAge: issuedAt + maxAge - now() },
      { encode: asIs },
    );

  return {
    /** Whom the request's cookie names. */
    read: ({ headers }: Pick<HttpRequest, 'headers'>): SignedVisitor | undefined => {
      const value = onlyValue(pair, headers.cookie);
      return value === undefined ? undefined : signed.read(value, now());
    },
    /** A `Set-Cookie` header for a visitor never seen before. */
    issue: (): string => set(anonymousId(), now()),
    /** The same visitor signed by the newest key; the time of issue stays, so that no cookie lives for ever. */
    resign: ({ id, issuedAt }: SignedVisitor): string => set(id, issuedAt),
    /** Seconds until this visitor's cookie ends by itself. */
    lifeLeft: ({ issuedAt }: SignedVisitor): number => Math.max(0, issuedAt + maxAge - now()),
    /** A `Set-Cookie` header that removes it. */
    clear: stringifySetCookie({ ...attributes, name, value: '', maxAge: 0, expires: new Date(0) }),
  };
};

/**
 * The value of this cookie. Browsers send doubles where a subdomain has set one too; where they differ nobody can say
 * whose is whose, and none counts.
 */
const onlyValue = (pair: RegExp, header = ''): string | undefined => {
  let only: string | undefined;
  pair.lastIndex = 0;
  for (let found = pair.exec(header); found; found = pair.exec(header)) {
    const value = found[1]?.trim();
    if (only !== undefined && only !== value) return undefined;
    only = value;
  }
  return only;
};
