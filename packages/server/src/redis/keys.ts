// Under which keys things lie in Redis: hashes that show no guest and no client, one for each of the site's secrets.
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { deriveKey } from '../lib/derive-key.ts';

/**
 * Everything is `<prefix>:<kind>:<name>`. What one script touches shares a hash tag, the part in braces, and so a slot
 * of a cluster. A version that writes another format writes it under another kind: an older one leaves it alone.
 */
export interface Names {
  /** Names of this text under each secret, with one hash tag: the first is written, all are read. */
  of(text: string): readonly string[];
  /** A name that does not change when secrets do: for what is no secret and must be one for all instances. */
  plain(text: string): string;
  key(kind: string, name: string): string;
}

/** 128 bits: no two guests meet under one name. */
const BYTES = 16;

/**
 * Characters of a hash tag, 6 bits each. It cannot depend on a secret, as names under the old and the new one must share
 * a slot: so it is too short to say who a guest is.
 */
const TAG = 2;

export const createNames = (prefix: string, secrets: readonly string[]): Names => {
  const keys = secrets.map((secret) => createSecretKey(deriveKey(secret, 'store-name')));
  const plain = (text: string) =>
    createHash('sha256').update(text).digest().subarray(0, BYTES).toString('base64url');
  return {
    of: (text) => {
      const tag = `{${plain(text).slice(0, TAG)}}`;
      return keys.map((key) => {
        const hash = createHmac('sha256', key).update(text).digest().subarray(0, BYTES);
        return tag + hash.toString('base64url');
      });
    },
    plain: (text) => `{${plain(text)}}`,
    key: (kind, name) => `${prefix}:${kind}:${name}`,
  };
};
