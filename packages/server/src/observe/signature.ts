// Signs what is sent, after Standard Webhooks 1.0: receivers verify with the library of their language.
import { createHash, createHmac } from 'node:crypto';

/** The key of `whsec_<base64>`. */
export const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');

export const SECRET_PREFIX = 'whsec_';

/**
 * The headers of a message, signed for this very moment: receivers refuse old timestamps, so a repetition is signed
 * anew. node:crypto does it in native code; the `standardwebhooks` package, which has its own SHA-256 in JavaScript,
 * verifies it in the tests.
 * @param keys one signature each, so that a receiver can change its secret without losing a message
 * @param now milliseconds since the epoch
 */
export const signedHeaders = (keys: readonly Buffer[], id: string, body: string, now: number) => {
  const timestamp = Math.floor(now / 1_000).toString();
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
};

/** The same for the same events, so that a receiver also knows a repeated batch as one. */
export const messageId = (eventIds: readonly string[]): string =>
  `msg_${createHash('sha256').update(eventIds.join()).digest('base64url').slice(0, 27)}`;
