// It is HMAC-SHA-256, as node:crypto computes it, for every key and text.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyedHash } from './keyed-hash.ts';

const expected = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');

it('is the HMAC, whatever was hashed before', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(text, fc.array(text, { minLength: 1, maxLength: 5 }), (key, messages) => {
      const keyed = createKeyedHash(key);
      for (const message of messages) expect(keyed(message, 64)).toBe(expected(key, message));
    }),
  );
});

it.each([4_095, 4_096, 4_097, 20_000])('is the HMAC of %d bytes', (length) => {
  const text = 'x'.repeat(length);
  expect(createKeyedHash('key')(text, 16)).toBe(expected('key', text).slice(0, 16));
});
