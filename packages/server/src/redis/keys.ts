// Under which keys things lie in Redis: hashes that show no guest and no client, one for each of the site's secrets.
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { deriveKey } from '../lib/derive-key.ts';

/** 128 bits: no two guests meet under one name. */
const BYTES = 16;

/**
 * Characters of a hash tag, 6 bits each. It cannot depend on a secret, as names under the old and the new one must share
 * a slot: so it is too short to say who a guest is.
 */
const TAG = 2;

/**
 * Everything is `<prefix>:<kind>:<name>`. What one script touches shares a hash tag, the part in braces, and so a slot
 * of a cluster. A version that writes another format writes it under another kind: an older one leaves it alone.
 */
export class Names {
  readonly #prefix: string;
  readonly #keys: readonly KeyObject[];

  constructor(prefix: string, secrets: readonly string[]) {
    this.#prefix = prefix;
    this.#keys = secrets.map((secret) => createSecretKey(deriveKey(secret, 'store-name')));
  }

  /** Names of this text under each secret, with one hash tag: the first is written, all are read. */
  of(text: string): readonly string[] {
    const tag = `{${hash(createHash('sha256'), text).slice(0, TAG)}}`;
    return this.#keys.map((key) => tag + hash(createHmac('sha256', key), text));
  }

  /** A name that does not change when secrets do: for what is no secret and must be one for all instances. */
  plain(text: string): string {
    return `{${hash(createHash('sha256'), text)}}`;
  }

  key(kind: string, name: string): string {
    return `${this.#prefix}:${kind}:${name}`;
  }
}

const hash = (by: { update(text: string): { digest(): Buffer } }, text: string): string =>
  by.update(text).digest().subarray(0, BYTES).toString('base64url');
