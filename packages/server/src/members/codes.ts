// Authorization codes: encrypted, bound to this provider, kept nowhere until they are used.
import { createHash, randomBytes } from 'node:crypto';
import { createEncryption } from '../lib/encryption.ts';
import { GuestTokenError } from '../lib/errors.ts';
import type { Log } from '../observe/log.ts';
import { OAuthError } from './answers.ts';
import type { Member } from './member.ts';
import type { MembersOptions, MembersPorts } from './ports.ts';

/** Seconds. */
export const CODE_LIFETIME = 60;
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
  { secrets, store, countCode, now, log }: MembersPorts,
  rateKey: (sub: string) => string,
): Codes => {
  const { encrypt, decrypt } = createEncryption(secrets, 'member-code');
  const aad = (redirectUri: string, codeChallenge: string): string =>
    JSON.stringify(['code', issuer, clientId, webchatId, redirectUri, codeChallenge]);
  const isCurrent = (issuedAt: number): boolean =>
    issuedAt <= now() + SKEW * 1_000 && now() < issuedAt + CODE_LIFETIME * 1_000;

  return {
    issue: async (member, { redirectUri, codeChallenge, nonce }) => {
      const wait = await recorded(log, () => countCode(rateKey(member.sub)));
      if (wait !== undefined) {
        throw new OAuthError('temporarily_unavailable', 'Too many codes for one member. Ask again later', {
          status: 429,
          retryAfter: wait,
        });
      }
      const id = randomBytes(16).toString('base64url');
      // Nobody reads this. It tests that the store can be written, as redeeming the code needs that.
      await recorded(log, () => store.spend(`issued:${id}`, CODE_LIFETIME * 1_000));
      const content: CodeContent = { ...member, nonce, id, issuedAt: now() };
      const code = encrypt(JSON.stringify(content), aad(redirectUri, codeChallenge));
      if (code.length > CODE_LENGTH) {
        throw new GuestTokenError(
          'guest_invalid',
          `externalId and claims do not fit into ${CODE_LENGTH} characters`,
        );
      }
      return code;
    },
    redeem: async (code, redirectUri, codeVerifier) => {
      if (!CODE_VERIFIER.test(codeVerifier)) return undefined;
      const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const issuedFor = isPageRedirectUri(redirectUri, issuer) ? pageRedirectUri(issuer) : redirectUri;
      const text = decrypt(code, aad(issuedFor, challenge));
      if (text === undefined) return undefined;
      const { id, issuedAt, ...redeemed } = JSON.parse(text) as CodeContent;
      if (!isCurrent(issuedAt)) return undefined;
      return (await recorded(log, () => store.spend(`code:${id}`, REMEMBERED))) ? redeemed : undefined;
    },
  };
};

/** @throws OAuthError 503 where the store fails */
const recorded = async <T>(log: Log, work: () => Promise<T>): Promise<T> => {
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
