// Authorization codes and access tokens: encrypted, bound to this provider, kept nowhere until they are used.
import { createHash } from 'node:crypto';
import { OAuthError } from './answers.ts';
import type { Member } from './member.ts';
import type { MembersOptions, MembersPorts } from './ports.ts';

/** Seconds. */
export const CODE_LIFETIME = 60;
/** Seconds. Genesys Cloud gives its JWT this life, or 15 minutes if that is less. */
export const ACCESS_TOKEN_LIFETIME = 3_600;
/** Characters that Genesys Cloud is known to carry. */
export const CODE_LENGTH = 2_048;
/** A base64url SHA-256 (RFC 7636, 4.2). */
export const CODE_CHALLENGE = /^[\w-]{43}$/;
const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;
/** What a page or app may send as `nonce`. */
export const NONCE = /^[\x21-\x7e]{1,128}$/;

/** Seconds that the clocks of two instances may differ. */
const SKEW = 60;
/** Milliseconds: several times as long as a code is good at the instance whose clock is furthest behind. */
const REMEMBERED = 600_000;
const RETRY_AFTER = 5;

/** What a code was asked for with. */
export interface CodeRequest {
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string | undefined;
}

export interface Redeemed extends Member {
  readonly nonce?: string | undefined;
}

interface CodeContent extends Redeemed {
  readonly id: string;
  /** Milliseconds. */
  readonly issuedAt: number;
}

export interface Codes {
  /** @throws OAuthError 429 or 503 */
  issue(member: Member, request: CodeRequest): Promise<string>;
  /** What the code holds, once; `undefined` for a code that is not good. @throws OAuthError 503 */
  redeem(code: string, redirectUri: string, codeVerifier: string): Promise<Redeemed | undefined>;
  issueAccessToken(member: Member): string;
  readAccessToken(token: string): Member | undefined;
}

/**
 * The redirect URI of the site's own pages: its origin, as browsers write it in the `Origin` header. Clients that hold
 * it as a URL add a slash, which says the same (RFC 3986, 6.2.3).
 */
export const pageRedirectUri = (issuer: string): string => new URL(issuer).origin;
export const isPageRedirectUri = (uri: string, issuer: string): boolean =>
  uri === pageRedirectUri(issuer) || uri === `${pageRedirectUri(issuer)}/`;

export const createCodes = (
  { issuer, clientId, webchatId }: MembersOptions,
  { ciphers, store, limiter, now, randomBytes, log, error }: MembersPorts,
  rateKey: (sub: string) => string,
): Codes => {
  const aad = (purpose: string, ...more: readonly string[]): string =>
    JSON.stringify([purpose, issuer, clientId, webchatId, ...more]);
  const isCurrent = (issuedAt: number, lifetime: number): boolean =>
    issuedAt <= now() + SKEW * 1_000 && now() < issuedAt + lifetime * 1_000;

  const recorded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      log('error', 'The use of authorization codes cannot be recorded, so none is issued or redeemed', {
        error: String(cause),
      });
      throw new OAuthError('temporarily_unavailable', 'The use of a code cannot be recorded now', {
        status: 503,
        retryAfter: RETRY_AFTER,
      });
    }
  };

  return {
    issue: async (member, { redirectUri, codeChallenge, nonce }) => {
      const wait = await recorded(() => limiter.consume(rateKey(member.sub)));
      if (wait !== undefined) {
        throw new OAuthError('temporarily_unavailable', 'Too many codes for one member. Ask again later', {
          status: 429,
          retryAfter: wait,
        });
      }
      const id = randomBytes(16).toString('base64url');
      // A write that nobody reads: a store that cannot record now would not record the use, either.
      await recorded(() => store.spend(`issued:${id}`, CODE_LIFETIME * 1_000));
      const content: CodeContent = { ...member, nonce, id, issuedAt: now() };
      const code = ciphers.code.encrypt(JSON.stringify(content), aad('code', redirectUri, codeChallenge));
      if (code.length > CODE_LENGTH) {
        throw error(
          'guest_invalid',
          `externalId and claims are too long for a code of ${CODE_LENGTH} characters`,
        );
      }
      return code;
    },
    redeem: async (code, redirectUri, codeVerifier) => {
      if (code.length > CODE_LENGTH || !CODE_VERIFIER.test(codeVerifier)) return undefined;
      const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const issuedFor = isPageRedirectUri(redirectUri, issuer) ? pageRedirectUri(issuer) : redirectUri;
      const text = ciphers.code.decrypt(code, aad('code', issuedFor, challenge));
      if (text === undefined) return undefined;
      const { id, issuedAt, ...redeemed } = JSON.parse(text) as CodeContent;
      if (!isCurrent(issuedAt, CODE_LIFETIME)) return undefined;
      return (await recorded(() => store.spend(`code:${id}`, REMEMBERED))) ? redeemed : undefined;
    },
    issueAccessToken: ({ sub, claims }) =>
      ciphers.accessToken.encrypt(JSON.stringify({ sub, claims, issuedAt: now() }), aad('access-token')),
    readAccessToken: (token) => {
      const text = ciphers.accessToken.decrypt(token, aad('access-token'));
      if (text === undefined) return undefined;
      const { issuedAt, ...member } = JSON.parse(text) as Member & { readonly issuedAt: number };
      return isCurrent(issuedAt, ACCESS_TOKEN_LIFETIME) ? member : undefined;
    },
  };
};
