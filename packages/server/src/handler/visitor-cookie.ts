// The visitor cookie on the wire: found in a request, set by an answer, cleared by another.
import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';
import { createSignedCookie, type SignedVisitor } from './signed-cookie.ts';

export type VisitorCookie = ReturnType<typeof createVisitorCookie>;

/** 144 random bits: nobody guesses another visitor's id, even where the site shows its own. */
const anonymousId = (): string => `guest-${randomBytes(18).toString('base64url')}`;

const secondsNow = (): number => Math.floor(Date.now() / 1000);
/** Our values need no decoding, and an encoded double of one is not ours. */
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
  const set = (id: string, issuedAt: number): string =>
    stringifySetCookie(
      { ...attributes, name, value: signed.sign(id, issuedAt), maxAge: issuedAt + maxAge - now() },
      { encode: asIs },
    );

  return {
    /** Whom the request's cookie names. */
    read: ({ headers }: Pick<HttpRequest, 'headers'>): SignedVisitor | undefined => {
      const value = onlyValue(headers.cookie, name);
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
const onlyValue = (header: string | undefined, name: string): string | undefined => {
  const at = header?.indexOf(`${name}=`) ?? -1;
  if (header === undefined || at < 0) return undefined;
  // The usual case: the cookie is there once.
  if (header.indexOf(name, at + 1) < 0 && (at === 0 || header.startsWith('; ', at - 2))) {
    const end = header.indexOf(';', at);
    return header.slice(at + name.length + 1, end < 0 ? undefined : end).trimEnd();
  }
  const values = new Set<string>();
  for (const pair of header.split(';')) {
    const value = pair.includes(name) ? parseCookie(pair, { decode: asIs })[name] : undefined;
    if (value !== undefined) values.add(value);
  }
  const [only] = values;
  return values.size === 1 ? only : undefined;
};
