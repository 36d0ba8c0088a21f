// Access tokens: encrypted with a key of their own, good for userinfo alone.
import { createEncryption } from '../lib/encryption.ts';
import type { Member } from './member.ts';
import type { MembersOptions, MembersPorts } from './ports.ts';

/** Seconds. Genesys Cloud gives its JWT this life, or 15 minutes if that is less. */
export const ACCESS_TOKEN_LIFETIME = 3_600;

export interface AccessTokens {
  issue(member: Member): string;
  /** `undefined` for a token that is expired or not of this provider. */
  read(token: string): Member | undefined;
}

export const createAccessTokens = (
  { issuer, clientId, webchatId }: MembersOptions,
  { secrets, now }: Pick<MembersPorts, 'secrets' | 'now'>,
): AccessTokens => {
  const { encrypt, decrypt } = createEncryption(secrets, 'member-access-token');
  const aad = JSON.stringify(['access-token', issuer, clientId, webchatId]);
  return {
    issue: ({ sub, claims }) => encrypt(JSON.stringify({ sub, claims, issuedAt: now() }), aad),
    read: (token) => {
      const text = decrypt(token, aad);
      if (text === undefined) return undefined;
      const { issuedAt, ...member } = JSON.parse(text) as Member & { readonly issuedAt: number };
      return now() < issuedAt + ACCESS_TOKEN_LIFETIME * 1_000 ? member : undefined;
    },
  };
};
