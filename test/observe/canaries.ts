// Secrets that are easy to recognise, however they are written, and the search for them.
import { inspect } from 'node:util';

/** Everything that the site keeps to itself. */
export const SECRETS = {
  clientSecret: 'canary-client-secret-8f2c',
  cookieKey: 'canary-cookie-key-of-32-characters-1',
  oldCookieKey: 'canary-cookie-key-of-32-characters-0',
  auditKey: 'canary-audit-key-of-32-characters-01',
  signingKey: 'canary-signing-key-of-32-bytes-001',
  redisPassword: 'canary-redis-password-51d0',
  attribute: 'canary-attribute-of-the-guest',
} as const;

/** As it is, and as a header, a URL, a dump or a cookie would write it. */
const spellings = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
};

/** Everything that can be read off a value: also what is not enumerable, inherited or behind a getter. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const seen = inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
  const { stack, message, cause } = (value ?? {}) as Error;
  const parts = [seen, stack, message, cause === undefined ? '' : textOf(cause)];
  try {
    parts.push(JSON.stringify(value));
  } catch {
    // Something circular: inspect has shown it.
  }
  return parts.join('\n');
};

/** Names of the secrets that a text gives away. */
export const leaksIn = (text: string, secrets: ReadonlyMap<string, string>): string[] =>
  [...secrets]
    .filter(([secret]) => spellings(secret).some((spelling) => text.includes(spelling)))
    .map(([, name]) => name);
