// The keys that sign ID tokens: the first signs, all are published, so that they can be replaced one by one.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export interface SigningKeys {
  /** The JSON Web Key Set (RFC 7517) of the public keys. */
  jwks(): Promise<string>;
  /** A signed JWT (RS256). */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Bits: NIST SP 800-131A and RFC 7518, 3.3. */
export const LEAST_BITS = 2_048;

/** An RSA private key. @throws TypeError without any part of the key in its message */
export const readSigningKey = (pem: string): KeyObject => {
  const key = parse(pem);
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) {
    throw new TypeError(`must be the PEM of an RSA private key of ${LEAST_BITS} bits or more`);
  }
  return key;
};

const parse = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
};

export const createSigningKeys = (pems: readonly string[]): SigningKeys => {
  const keys = pems.map(readSigningKey);
  let loaded: ReturnType<typeof load> | undefined;
  const ready = () => {
    loaded ??= load(keys);
    return loaded;
  };
  return {
    jwks: async () => (await ready()).jwks,
    sign: async (claims) => (await ready()).sign(claims),
  };
};

/** `jose` is loaded when the first key is asked for: a site without members never pays for it. */
const load = async (keys: readonly KeyObject[]) => {
  const { calculateJwkThumbprint, SignJWT } = await import('jose');
  const published = await Promise.all(
    keys.map(async (key) => {
      const { kty, n, e } = createPublicKey(key).export({ format: 'jwk' });
      const jwk = { kty: String(kty), n: String(n), e: String(e) };
      // RFC 7638: the same key has the same id at every instance.
      return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'RS256' };
    }),
  );
  // The same key twice would be two keys with one id, which clients refuse.
  const unique = [...new Map(published.map((jwk) => [jwk.kid, jwk])).values()];
  const [key, first] = [keys[0], published[0]];
  if (!key || !first) throw new TypeError('There is no key to sign with');
  return {
    jwks: JSON.stringify({ keys: unique }),
    sign: (claims: Readonly<Record<string, unknown>>): Promise<string> =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: first.kid, typ: 'JWT' }).sign(key),
  };
};
