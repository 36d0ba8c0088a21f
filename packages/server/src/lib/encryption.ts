// Encrypts what a shared store holds: AES-256-GCM, with a key per purpose and the whole Redis key as additional data.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { deriveKey, type KeyPurpose, keyId } from './derive-key.ts';

export interface Encryption {
  /** `v1.<key id>.<base64url of nonce, text and tag>`. @param at the Redis key that it will lie under */
  encrypt(text: string, at: string): string;
  /** What was encrypted for this very Redis key, by any of the secrets; `undefined` for everything else. */
  decrypt(encrypted: string, at: string): string | undefined;
}

/** Bytes, as NIST SP 800-38D advises. */
const NONCE = 12;
const TAG = 16;

interface Key {
  readonly id: string;
  readonly key: KeyObject;
}

/** @param secrets the first encrypts, all decrypt */
export const createEncryption = (secrets: readonly string[], purpose: KeyPurpose): Encryption => {
  const keys: readonly Key[] = secrets.map((secret) => ({
    id: keyId(secret, purpose),
    key: createSecretKey(deriveKey(secret, purpose)),
  }));
  const [first] = keys;
  return {
    encrypt: (text, at) => {
      if (!first) throw new TypeError('No secret to encrypt with');
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(at));
      const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${first.id}.${body.toString('base64url')}`;
    },
    decrypt: (encrypted, at) => {
      const [version, id, text = ''] = encrypted.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      const body = Buffer.from(text, 'base64url');
      if (version !== 'v1' || !key || body.length < NONCE + TAG) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.key, body.subarray(0, NONCE), {
          authTagLength: TAG,
        })
          .setAAD(Buffer.from(at))
          .setAuthTag(body.subarray(-TAG));
        return decipher.update(body.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
};
