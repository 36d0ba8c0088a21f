// HMAC-SHA-256 (RFC 2104) by one-shot digests: a Hmac object for each token costs several times what it computes.
import { hash } from 'node:crypto';

/** Bytes of SHA-256's block and of its digest. */
const BLOCK = 64;
const DIGEST = 32;

/** Bytes for which no memory is taken: tokens are shorter. */
const USUAL = 4_096;

/** @returns the first `digits` hex digits of a text's HMAC under this key */
export const createKeyedHash = (key: string): ((text: string, digits: number) => string) => {
  const bytes = Buffer.from(key);
  const short = bytes.length > BLOCK ? hash('sha256', bytes, 'buffer') : bytes;
  const padInto = (target: Buffer, mask: number): Buffer => {
    for (let i = 0; i < BLOCK; i += 1) target[i] = (short[i] ?? 0) ^ mask;
    return target;
  };
  const usual = padInto(Buffer.alloc(BLOCK + USUAL), 0x36);
  const outer = padInto(Buffer.alloc(BLOCK + DIGEST), 0x5c);
  return (text, digits) => {
    const length = Buffer.byteLength(text);
    const inner = length <= USUAL ? usual : padInto(Buffer.alloc(BLOCK + length), 0x36);
    inner.write(text, BLOCK);
    outer.write(hash('sha256', inner.subarray(0, BLOCK + length), 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'hex').slice(0, digits);
  };
};
