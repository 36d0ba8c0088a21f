// Keys come out as RFC 5869 says: every version of ours, and every instance, must read what another wrote.
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { deriveKey, keyId } from './derive-key.ts';

const SECRET = 'a secret of thirty-two characters or more';

/** HKDF-SHA-256 without salt, its first 32 bytes. */
const hkdf = (info: string): Buffer => {
  const prk = createHmac('sha256', Buffer.alloc(32)).update(SECRET).digest();
  return createHmac('sha256', prk).update(`${info}\x01`).digest();
};

it.each(['visitor-cookie', 'proof'] as const)('the key for %s has the purpose as its info', (purpose) => {
  expect(deriveKey(SECRET, purpose)).toEqual(hkdf(`genesys-guest ${purpose}`));
});

it('the id of a key is no part of the key', () => {
  expect(keyId(SECRET, 'proof')).toBe(hkdf('genesys-guest proof id').subarray(0, 6).toString('base64url'));
});
