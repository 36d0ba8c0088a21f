// Derives from each of the site's secrets a key of its own for each purpose, so that no two uses share one.
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

export type KeyPurpose =
  | 'visitor-cookie'
  | 'audit'
  | 'event'
  | 'store-name'
  | 'store-guest-token'
  | 'store-access-token'
  | 'member-code'
  | 'member-access-token'
  | 'member-tag'
  | 'proof';

/** A key of 32 bytes: HKDF-SHA-256 (RFC 5869) of the secret, with the purpose as its info. */
export const deriveKey = (secret: string, purpose: KeyPurpose): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `genesys-guest ${purpose}`, 32));

/** A short id of the key that `deriveKey` makes. It tells keys apart; the key cannot be computed from it. */
export const keyId = (secret: string, purpose: KeyPurpose): string =>
  Buffer.from(hkdfSync('sha256', secret, '', `genesys-guest ${purpose} id`, 6)).toString('base64url');

export interface Key {
  readonly id: string;
  readonly key: KeyObject;
}

/** One key for each of the secrets, in their order. */
export const deriveKeys = (secrets: readonly string[], purpose: KeyPurpose): readonly Key[] =>
  secrets.map((secret) => ({
    id: keyId(secret, purpose),
    key: createSecretKey(deriveKey(secret, purpose)),
  }));
