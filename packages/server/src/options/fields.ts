// What each option must look like by itself, with the words that say so.
import { type Region, resolveRegion, suggestRegions } from '@genesys-guest/common';
import { z } from 'zod';
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { PROOF, SECRET } from '../members/options-schema.ts';
import type { AuditSink } from '../observe/audit-entry.ts';
import { LOG_LEVELS, type Logger } from '../observe/log.ts';
import type { SendEvents } from '../observe/receivers.ts';
import type { GuestTokens } from '../tokens/guest-tokens.ts';
import type { UpstreamOptions } from '../upstream/ports.ts';
import { isOrigin, isUrl, originOf } from './origins.ts';
import type { Invalidation, StoreFactory } from './resolved-options.ts';

const text = (what: string) => {
  const error = `must be ${what}, a string`;
  return z
    .string({ error })
    .min(1, { error: `is empty: give ${what}` })
    .refine((value) => value.trim() === value, { error: 'has white space around it: trim it' });
};

export const whole = (unit: string, min: number, max: number) => {
  const error = `must be a whole number of ${unit} from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

export const callable = <F>(shape: string) =>
  z.custom<F>((value) => typeof value === 'function', { error: `must be a function: ${shape}` });

export const flag = z.boolean({ error: 'must be true or false' });

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be ${values.map((value) => `'${value}'`).join(' or ')}` });

const methods = <T>(names: readonly string[], error: string) =>
  z.custom<T>(
    (value) =>
      value !== null &&
      ['object', 'function'].includes(typeof value) &&
      names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
    { error },
  );

const group = z.record(z.string(), z.unknown(), { error: 'must be an object' });

/** Long enough that it cannot be guessed: 32 characters, as session middlewares advise. */
const SECRET_LENGTH = 32;

const SECRET_ERROR = `must be a string of ${SECRET_LENGTH} characters or more, such as \`openssl rand -base64 32\` prints`;
const secret = z.string({ error: SECRET_ERROR }).min(SECRET_LENGTH, { error: SECRET_ERROR });

export const shaped = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

const URL_ERROR = 'must be a full http or https URL without user name, password or fragment';
export const url = z.string({ error: URL_ERROR }).refine(isUrl, { error: URL_ERROR });

/** Below the mount, and none of our own. */
const path = shaped(
  /^\/(?!(config|renew|forget|auth-code|verify|oidc)(\/|$))[\w-]+(\/[\w-]+)*$/i,
  "must be a path below the mount such as '/health', and none that has another meaning",
);

const origin = z.string({ error: 'must be an origin, a string' }).refine(isOrigin, {
  error: ({ input }) => {
    const given = String(input);
    if (given.includes('*') || given === 'null') {
      return `'${given}' is refused, as any page could then act for a visitor: list the origins`;
    }
    const meant = originOf(given);
    const hint = meant ? `: write '${meant}'` : " such as 'https://www.example.com'";
    return `must be an origin, scheme and host alone${hint}`;
  },
});

export const REGION = z
  .string({ error: "must be a region, a string such as 'eu-west-1'" })
  .refine((name) => resolveRegion(name) !== undefined, {
    error: ({ input }) =>
      `is not a region of Genesys Cloud; the nearest are '${suggestRegions(String(input)).join("', '")}'`,
  })
  .transform((name) => resolveRegion(name) as Region);

export const SOURCES = ['guest-tokens', 'none'] as const;
export type Source = (typeof SOURCES)[number];

export const TOKEN_FIELDS = {
  region: REGION,
  clientId: text("the OAuth client's id"),
  clientSecret: z.union(
    [text("the OAuth client's secret"), callable<() => string | Promise<string>>('() => string')],
    {
      error:
        "must be the OAuth client's secret, without white space around it, or a function that returns it",
    },
  ),
  webchatId: text("the Messenger deployment's id").max(255, { error: 'must be at most 255 characters' }),
  secrets: z
    .array(secret.optional(), { error: 'must be an array of strings' })
    .transform((list) => list.filter((value) => value !== undefined))
    .default([]),
  source: z
    .union([oneOf(SOURCES), callable<() => Source>("() => 'guest-tokens' or 'none'")], {
      error: "must be 'guest-tokens' or 'none', or a function that returns one of them",
    })
    .default('guest-tokens'),
  tokenLifetime: whole('seconds', 1, 31_536_000).default(86_400),
  renewBefore: whole('seconds', 0, 31_536_000).default(300),
  endpoints: { oauthToken: url, guestTokens: url, bootstrap: url },
  store: methods<StoreFactory>(['open'], 'must be what memoryStore(…) or redisStore(…) returns'),
  upstream: {
    perMinute: whole('calls', 1, 1_000_000).default(300),
    instances: whole('instances', 1, 100_000),
    concurrency: whole('calls', 1, 10_000).default(32),
    maxQueue: whole('calls', 0, 10_000_000).default(1_000),
    timeout: whole('milliseconds', 1, 3_600_000),
    deadline: whole('milliseconds', 1, 3_600_000),
    dispatcher: methods<NonNullable<UpstreamOptions['dispatcher']>>(
      ['dispatch'],
      "must be a dispatcher of undici 7 or newer, such as new ProxyAgent('http://proxy:3128')",
    ),
  },
  onInvalidate: callable<(invalidation: Invalidation) => void>('({ externalId, webchatId, reason }) => void'),
  audit: { key: secret, sink: callable<AuditSink>('(entry) => …'), pseudonymize: flag.default(false) },
  events: z.union([group, callable<SendEvents>('async (batch) => …').transform((send) => ({ send }))], {
    error: 'must be an object with url and secret or send, or an async function that takes a batch',
  }),
  logLevel: oneOf(LOG_LEVELS).default('info'),
  logger: methods<Logger>(
    ['debug', 'info', 'warn', 'error'],
    'must have the methods debug, info, warn and error, as pino, winston and console do',
  ),
};

type Own<K extends keyof ResolvedHandlerOptions> = NonNullable<ResolvedHandlerOptions[K]>;

export const HANDLER_FIELDS = {
  identify: callable<Own<'identify'>>('(req) => ({ externalId, attributes }) or undefined'),
  whenUnavailable: oneOf(['anonymous', 'fail']).default('anonymous'),
  patience: whole('milliseconds', 0, 600_000).default(2_000),
  mintsPerMinute: whole('calls', 1, 1_000_000),
  clientAddress: callable<Own<'clientAddress'>>('(req) => address or undefined'),
  admit: callable<Own<'admit'>>('(req) => true or false'),
  allowedOrigins: z.array(origin, { error: 'must be an array of origins' }).default([]),
  publicOrigin: origin,
  cookie: {
    // RFC 6265 takes a cookie's name from the tokens of RFC 9110, 5.6.2.
    name: shaped(
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/,
      'must be a cookie name: 1 to 128 letters, digits, - or _',
    ),
    // Browsers cut a cookie's life at 400 days (RFC 6265bis, 5.5).
    maxAge: whole('seconds', 1, 34_560_000).default(30 * 86_400),
    sameSite: oneOf(['Lax', 'Strict', 'None']),
    secure: flag,
    partitioned: flag.default(false),
    domain: shaped(
      /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i,
      "must be a domain such as 'example.com', without scheme, port or leading dot",
    ),
  },
  members: group,
  proof: PROOF,
  health: z.strictObject(
    { path: path.optional(), secret: SECRET },
    { error: 'must be an object: { path, secret }' },
  ),
  tokens: methods<GuestTokens>(['onboard', 'renew', 'forget'], 'must be what createGuestTokens(…) returns'),
};
