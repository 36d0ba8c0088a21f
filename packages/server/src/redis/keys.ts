// Under which names things lie in Redis: hashes that show no guest and no client, one for each of the site's secrets.
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { deriveKey } from '../lib/derive-key.ts';

export interface Names {
  /** Hashes of this text under each secret; the first is written, all are read. */
  of(text: string): readonly string[];
  /** A hash that does not change when secrets do. For what is no secret and must be one for all instances. */
  plain(text: string): string;
  /** The whole key. They share one hash slot, so that scripts also run on a cluster. */
  key(kind: string, name?: string): string;
}

/** 128 bits: no two guests meet under one name. */
const BYTES = 16;

export const createNames = (prefix: string, secrets: readonly string[]): Names => {
  const keys = secrets.map((secret) => createSecretKey(deriveKey(secret, 'store-name')));
  return {
    of: (text) =>
      keys.map((key) =>
        createHmac('sha256', key).update(text).digest().subarray(0, BYTES).toString('base64url'),
      ),
    plain: (text) => createHash('sha256').update(text).digest().subarray(0, BYTES).toString('base64url'),
    key: (kind, name) => (name === undefined ? `{${prefix}}:${kind}` : `{${prefix}}:${kind}:${name}`),
  };
};
