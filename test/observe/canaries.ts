// Secrets that are easy to recognise, however they are written, the search for them, and what may bring them out.
import { inspect } from 'node:util';
import type { Emulator } from '@genesys-guest/emulator';

type Fault = Parameters<Emulator['fault']>[0];

export const CALLS = ['oauthToken', 'guestTokens'] as const;
const KINDS = [
  'reset',
  'hang',
  'drip',
  'cut',
  'empty',
  'html',
  'wrong-shape',
  'past-expiry',
  'huge',
  'redirect',
];
const STATUSES = [400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504];

/** Every way in which the platform fails, also one that repeats what it was sent. */
export const FAULTS: readonly Fault[] = [
  ...CALLS.flatMap((call) => [
    ...KINDS.map((fault) => ({ call, fault, bytes: 400_000 }) as Fault),
    ...STATUSES.map((status) => ({ call, fault: 'status', status }) as Fault),
    { call, fault: 'status', status: 429, retryAfter: '3600' } as const,
  ]),
  { call: 'guestTokens', fault: 'other-guest' },
];

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
export const spellings = (secret: string): string[] => {
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
