// What the command line of the doctor says, beside the environment.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isRedisUrl } from '@genesys-guest/common';

export const HELP = `Usage: genesys-guest doctor [flags]

Checks a set-up from the options to the page, and says how to fix what is wrong.

Reads the environment, then .env in the current folder, where there is one:
  GENESYSCLOUD_REGION                  AWS id, domain or Messenger's name
  GENESYSCLOUD_OAUTHCLIENT_ID          the OAuth client (client credentials)
  GENESYSCLOUD_OAUTHCLIENT_SECRET      its secret; there is no flag for it, as flags can be seen in ps
  GENESYS_GUEST_WEBCHAT_ID             the Messenger deployment's id
  GENESYS_GUEST_SECRETS                keys of the visitor cookie, comma-separated
  GENESYS_GUEST_EMULATOR               as --emulator

  --env-file <path>          another file in place of .env
  --source none              the site uses Messenger alone, without guest tokens

What to check beside them:
  --site <url>               a page with the chat: our tag, its security policy (CSP), its domain
  --url <url>                where the handler is mounted, such as https://www.example.com/chat
  --redis <url | env:NAME>   the shared store; env:REDIS_URL reads its URL from the environment, so that no
                             password stands on the command line
  --redis-prefix <text>      what its keys begin with (default genesys-guest), as the option prefix
  --issue                    really issue a guest token, for a test guest; each run costs a call or two

Endpoints, where they are not the region's:
  --emulator <url>           all of them, such as http://127.0.0.1:4010
  --oauth-token-url <url>    --guest-tokens-url <url>    --bootstrap-url <url>

  --timeout <seconds>        of each check (default 10); all of them end within 60 seconds or six times that
  --json                     the findings as one JSON document
  --report                   what the platform answered, as one JSON document for this project: status codes,
                             names of headers and fields, no values; --issue adds the guest-token endpoint
  --help                     this

Exit status: 0 all pass or warn, 1 something fails, 2 wrong usage.
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const OPTIONS = {
  'env-file': text,
  source: text,
  site: text,
  url: text,
  redis: text,
  'redis-prefix': text,
  issue: flag,
  emulator: text,
  'oauth-token-url': text,
  'guest-tokens-url': text,
  'bootstrap-url': text,
  timeout: text,
  json: flag,
  report: flag,
} as const;

const SECRET_FLAG =
  'secrets are not taken from the command line, where ps and the shell history show them: ' +
  'set GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYS_GUEST_SECRETS, or write them into .env';

/**
 * Also adds the variables of the .env file to `process.env`, as the site itself does.
 * @throws what is wrong with the usage
 */
export const readFlags = (args: readonly string[]) => {
  if (args.some((arg) => /^--(client-)?secrets?(=|$)/.test(arg))) throw new TypeError(SECRET_FLAG);
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  loadEnvironment(values['env-file']);
  const { source, redis, issue } = values;
  const url = (name: keyof typeof OPTIONS) => urlOf(`--${name}`, values[name] as string | undefined);
  const variable = process.env['GENESYS_GUEST_EMULATOR'] || undefined;
  const emulator = (url('emulator') ?? urlOf('GENESYS_GUEST_EMULATOR', variable))?.origin;
  const given = {
    oauthToken: url('oauth-token-url')?.href ?? (emulator && `${emulator}/oauth/token`),
    guestTokens: url('guest-tokens-url')?.href ?? (emulator && `${emulator}/api/v2/guest-tokens`),
    bootstrap: url('bootstrap-url')?.href ?? (emulator && `${emulator}/genesys-bootstrap/genesys.min.js`),
    deployments: emulator && `${emulator}/webdeployments/v1/deployments`,
  };
  const endpoints = Object.entries(given).filter(([, each]) => each !== undefined);
  return {
    format: values.report ? ('report' as const) : values.json ? ('json' as const) : ('text' as const),
    source,
    /** The site issues guest tokens. */
    tokens: source !== 'none',
    /** Its origin. */
    emulator,
    /** Where they are not the region's. */
    endpoints: Object.fromEntries(endpoints) as { readonly [K in keyof typeof given]?: string },
    /** A page of the site that shows the chat. */
    site: url('site'),
    /** Where the handler is mounted. */
    mount: url('url'),
    redis: redis && redisOf(redis),
    redisPrefix: values['redis-prefix'],
    /** A URL with a password is written on the command line itself. */
    redisInPlainSight: /^rediss?:\/\/[^/]*@/.test(redis ?? ''),
    /** Guest tokens may really be issued, for test guests. */
    issue,
    /** Milliseconds of one check. */
    timeout: secondsOf(values.timeout) * 1_000,
  };
};

/** What the command line asks for. A check that needs what was not asked for is left out in silence. */
export type Flags = ReturnType<typeof readFlags>;

/** Adds the variables of the .env file to `process.env`. @param given another file */
export const loadEnvironment = (given: string | undefined): void => {
  const file = given ?? (existsSync('.env') ? '.env' : undefined);
  if (file !== undefined) process.loadEnvFile(file);
};

/** The value itself is in no message: it may hold a password. */
const urlOf = (name: string, value: string | undefined): URL | undefined => {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash) return url;
  throw new TypeError(`${name} must be a full http or https URL, such as https://www.example.com`);
};

export const redisOf = (value: string): string => {
  const name = /^env:(.+)$/.exec(value)?.[1];
  const url = name === undefined ? value : process.env[name];
  if (!url) throw new TypeError(`--redis names the environment variable ${name}, which is not set`);
  if (isRedisUrl(url)) return url;
  throw new TypeError(
    '--redis must be env:NAME, or a URL such as redis://127.0.0.1:6379 or rediss://…, its password percent-encoded, its database a number',
  );
};

const secondsOf = (value = '10'): number => {
  const seconds = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && seconds > 0 && seconds <= 600) return seconds;
  throw new TypeError('--timeout must be a number of seconds above 0, at most 600');
};
