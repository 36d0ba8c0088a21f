// Encrypts what others keep for us, a shared store or a page: AES-256-GCM, with a key for each purpose.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKeys, type KeyPurpose } from './derive-key.ts';

/** Of the texts that this version writes. */
export const FORMAT = 1;

/** Whether a later version wrote this. It is left to the instances of that version. */
export const isNewer = (encrypted: string): boolean => Number(/^v(\d{1,9})\./.exec(encrypted)?.[1]) > FORMAT;

export type Encryption = ReturnType<typeof createEncryption>;

/** Bytes, as NIST SP 800-38D advises. */
const NONCE = 12;
const TAG = 16;

/** @param secrets the first encrypts, all decrypt */
export const createEncryption = (secrets: readonly string[], purpose: KeyPurpose) => {
  const keys = deriveKeys(secrets, purpose);
  const [first] = keys;
  return {
    /**
     * @param aad additional authenticated data: says where the text belongs, such as the Redis key under which it is stored
     * @returns `v1.<key id>.<base64url of nonce, text and tag>`
     */
    encrypt: (text: string, aad: string): string => {
      if (!first) throw new TypeError('No secret to encrypt with');
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(aad));
      const body = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
      return `v${FORMAT}.${first.id}.${body.toString('base64url')}`;
    },
    /** @returns the text, if it was encrypted with one of the secrets and the same `aad`; else `undefined` */
    decrypt: (encrypted: string, aad: string): string | undefined => {
      const [version, id, text = ''] = encrypted.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      if (version !== `v${FORMAT}` || !key) return undefined;
      const body = Buffer.from(text, 'base64url');
      try {
        // With its length fixed, a shorter tag, which could be guessed, is refused.
        const decipher = createDecipheriv('aes-256-gcm', key.key, body.subarray(0, NONCE), {
          authTagLength: TAG,
        })
          .setAAD(Buffer.from(aad))
          .setAuthTag(body.subarray(-TAG));
        return Buffer.concat([decipher.update(body.subarray(NONCE, -TAG)), decipher.final()]).toString();
      } catch {
        return undefined;
      }
    },
  };
};
