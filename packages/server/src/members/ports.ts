// What signed-in members and proofs need from their surroundings. Whoever mounts them fills these in.
import type { Claims } from '@genesys-guest/common';

/** Resolved options of signed-in members. */
export interface MembersOptions {
  /** Full URL of the mount's `/oidc`, without a trailing slash. Never computed from a request. */
  readonly issuer: string;
  /** The Messenger deployment that codes are good for. */
  readonly webchatId: string;
  readonly clientId: string;
  /** All are accepted, so that one can be replaced. */
  readonly clientSecrets: readonly string[];
  /** RSA private keys as PEM: the first signs, all are published. */
  readonly signingKeys: readonly string[];
  /** Where `/oidc/authorize` may send a code: exactly these. Default none. */
  readonly redirectUris: readonly string[];
  /** Asked at each request; false: no code is issued or redeemed. */
  readonly enabled: () => boolean | Promise<boolean>;
}

/** Resolved options of proofs. */
export interface ProofOptions {
  readonly webchatId: string;
  /** Bearer secrets of `POST /verify`. Without any there is no such route. */
  readonly secrets: readonly string[];
}

/** What the site's `identify` says of a signed-in visitor. */
export interface MemberIdentity {
  readonly externalId: string;
  readonly claims?: { readonly [name in keyof Claims]?: unknown } | undefined;
  /** When the member signed in on the site: seconds since 1970. */
  readonly authTime?: number | undefined;
}

/** Authenticated encryption with a key of one purpose. `aad` must be the same at both ends. */
export interface Cipher {
  encrypt(text: string, aad: string): string;
  /** `undefined` for everything that no key of this purpose has encrypted with this `aad`. */
  decrypt(encrypted: string, aad: string): string | undefined;
}

/** One key for each of the site's secrets; the first is used, all are recognised. */
export interface TagKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** Remembers across all instances what was used. Each method rejects where nothing can be recorded. */
export interface SingleUseStore {
  /** Whether this id is spent for the first time. @param ttlMs how long it is remembered */
  spend(id: string, ttlMs: number): Promise<boolean>;
  /** Whether this owner is the first that claimed the id, or the same as the first. */
  claim(id: string, owner: string, ttlMs: number): Promise<boolean>;
}

/** Counts authorization codes: {@link CODES_PER_MINUTE} for each key. */
export interface RateLimiter {
  /** Seconds to wait, or `undefined` where the code may be issued now. */
  consume(key: string): Promise<number | undefined>;
}

export const CODES_PER_MINUTE = 10;

export type ErrorCode =
  | 'request_invalid'
  | 'origin_forbidden'
  | 'sign_in_required'
  | 'guest_changed'
  | 'too_many_guests'
  | 'guest_invalid'
  | 'store_unavailable';

/** Makes the error that the surroundings turn into a problem answer (RFC 9457). @param retryAfter seconds */
export type MakeError = (code: ErrorCode, detail: string, retryAfter?: number) => Error;

export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, string | number | boolean | undefined>>,
) => void;

interface CommonPorts {
  readonly store: SingleUseStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Cryptographically random. */
  readonly randomBytes: (length: number) => Buffer;
  readonly log: Log;
  readonly error: MakeError;
}

export interface MembersPorts extends CommonPorts {
  /** A cipher of its own for each purpose. */
  readonly ciphers: { readonly code: Cipher; readonly accessToken: Cipher };
  readonly tagKeys: readonly TagKey[];
  readonly limiter: RateLimiter;
}

export interface ProofPorts extends CommonPorts {
  readonly cipher: Cipher;
}

export interface MembersRequest {
  readonly method: string;
  /** Below the mount, without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: URLSearchParams;
  /** The text as it was sent, or what a body parser of the site has made of it. */
  readonly body: unknown;
  /** Whether a page of this site's own origin sent this, whatever other origins are allowed. */
  readonly sameOrigin: boolean;
  /** Asks the site anew who this is: `undefined` for nobody. */
  identify(): Promise<MemberIdentity | undefined>;
}

export type Headers = Readonly<Record<string, string>>;

export interface MembersAnswer {
  readonly status: number;
  /** `Vary` is among them, to be joined with what the site has set. */
  readonly headers: Headers;
  readonly body?: string;
  /** For everyone the same, and kept by shared caches: nobody's cookie may go with it. */
  readonly shared?: boolean;
}
