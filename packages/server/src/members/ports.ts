// What signed-in members and proofs need from their surroundings. Whoever mounts them fills these in.
import type { Claims } from '@genesys-guest/common';
import type { Answer } from '../lib/answers.ts';
import type { Log } from '../observe/log.ts';
import type { SingleUse } from '../store/ports.ts';

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

export const CODES_PER_MINUTE = 10;

export interface ProofPorts {
  /** The first encrypts, all decrypt. */
  readonly secrets: readonly string[];
  readonly store: SingleUse;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export interface MembersPorts extends ProofPorts {
  /** Counts a code, {@link CODES_PER_MINUTE} for a member. @returns seconds to wait, where it may not be issued now */
  readonly countCode: (member: string) => Promise<number | undefined>;
}

export interface MembersRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: URLSearchParams;
  /** The text as it was sent, or what a body parser of the site has made of it. */
  readonly body: unknown;
  /** Asks the site anew who this is: `undefined` for nobody. */
  identify(): Promise<MemberIdentity | undefined>;
}

export interface Endpoint {
  /** Below the mount, in lower case. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST')[];
  /** Whose pages may ask and read the answer: the site's own alone, those of every origin, or it is for no page. */
  readonly pages: 'own' | 'all' | 'none';
  /** @throws GuestTokenError, and what `identify` threw */
  readonly answer: (request: MembersRequest) => Answer | Promise<Answer>;
}
