// What the command line of the doctor says.
import { parseArgs } from 'node:util';
import type { Environment } from '../../../server/src/options/environment.ts';
import { isUrl } from '../../../server/src/options/origins.ts';
import type { Asked } from './finding.ts';

export const HELP = `Usage: genesys-guest doctor [flags]

Checks a set-up from the options to the page, and says how to mend what is wrong.

Reads the environment, or an .env file:
  GENESYSCLOUD_REGION                  AWS id, domain or Messenger's name
  GENESYSCLOUD_OAUTHCLIENT_ID          the OAuth client (client credentials)
  GENESYSCLOUD_OAUTHCLIENT_SECRET      its secret; there is no flag for it, as flags can be seen in ps
  GENESYS_GUEST_WEBCHAT_ID             the Messenger deployment's id
  GENESYS_GUEST_SECRETS                keys of the visitor cookie, comma-separated

  --env-file <path>          read these from a file; the environment itself comes first
  --region <name>            in place of the environment's
  --client-id <id>           in place of the environment's
  --webchat <id>             in place of the environment's
  --source none              the site uses Messenger alone, without guest tokens

What to check beside them:
  --site <url>               a page with the chat: the deployment's domains, the page's security policy (CSP)
  --url <url>                where the handler is mounted, such as https://www.example.com/chat
  --redis <url | env:NAME>   the shared store; env:REDIS_URL reads its URL from the environment, so that no
                             password stands on the command line
  --issue                    really issue a guest token, for a test guest; each run costs a call or two

Endpoints, where they are not the region's:
  --emulator <url>           all of them, such as http://127.0.0.1:4010
  --oauth-token-url <url>    --guest-tokens-url <url>    --bootstrap-url <url>    --deployments-url <url>

  --timeout <seconds>        of each check (default 10); all of them end within 60 seconds or six times that
  --json                     one JSON document
  --help                     this

Exit status: 0 all pass or warn, 1 something fails, 2 wrong usage.
`;

export interface Run {
  readonly kind: 'run';
  readonly asked: Asked;
  readonly json: boolean;
  readonly env: Environment;
}

export type Flags = { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly problem: string } | Run;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const OPTIONS = {
  'env-file': text,
  region: text,
  'client-id': text,
  webchat: text,
  source: text,
  site: text,
  url: text,
  redis: text,
  issue: flag,
  emulator: text,
  'oauth-token-url': text,
  'guest-tokens-url': text,
  'bootstrap-url': text,
  'deployments-url': text,
  timeout: text,
  json: flag,
  help: flag,
} as const;

/** @param readEnvFile what a file of environment variables says. @throws where it cannot be read */
export const readFlags = (
  args: readonly string[],
  env: Environment,
  readEnvFile: (path: string) => Environment,
): Flags => {
  if (args.some((arg) => /^--(client-)?secrets?(=|$)/.test(arg))) {
    return {
      kind: 'wrong',
      problem:
        'secrets are not taken from the command line, where ps and the shell history show them: ' +
        'set GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYS_GUEST_SECRETS, or use --env-file',
    };
  }
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) return { kind: 'help' };
    const path = values['env-file'];
    const all = path === undefined ? env : { ...readEnvFile(path), ...env };
    return { kind: 'run', asked: askedOf(values, all), json: values.json ?? false, env: all };
  } catch (error) {
    return { kind: 'wrong', problem: (error as Error).message };
  }
};

type Values = { readonly [K in keyof typeof OPTIONS]?: string | boolean | undefined } & {
  readonly issue?: boolean;
};

const askedOf = (values: Values, env: Environment): Asked => {
  const word = (name: keyof typeof OPTIONS) => values[name] as string | undefined;
  const emulator = urlOf('emulator', word('emulator'))?.origin;
  const endpoint = (name: keyof typeof OPTIONS, path: string): string | undefined =>
    urlOf(name, word(name))?.href ?? (emulator && emulator + path);
  const oauthToken = endpoint('oauth-token-url', '/oauth/token');
  const guestTokens = endpoint('guest-tokens-url', '/api/v2/guest-tokens');
  const bootstrap = endpoint('bootstrap-url', '/genesys-bootstrap/genesys.min.js');
  const redis = word('redis');
  return {
    region: word('region'),
    clientId: word('client-id'),
    webchatId: word('webchat'),
    source: word('source'),
    endpoints: {
      ...(oauthToken && { oauthToken }),
      ...(guestTokens && { guestTokens }),
      ...(bootstrap && { bootstrap }),
    },
    deployments: endpoint('deployments-url', '/webdeployments/v1/deployments'),
    site: urlOf('site', word('site')),
    mount: urlOf('url', word('url')),
    redis: redis === undefined ? undefined : redisOf(redis, env),
    redisInTheOpen: redis !== undefined && !redis.startsWith('env:'),
    issue: values.issue ?? false,
    timeout: secondsOf(word('timeout')) * 1_000,
  };
};

const urlOf = (name: string, value: string | undefined): URL | undefined => {
  if (value === undefined) return undefined;
  if (isUrl(value)) return new URL(value);
  throw new TypeError(`--${name} must be a full http or https URL, such as https://www.example.com`);
};

/** The value itself is not in the message: it may hold a password. */
const redisOf = (value: string, env: Environment): string => {
  const name = /^env:(.+)$/.exec(value)?.[1];
  const url = name === undefined ? value : env[name];
  if (!url) throw new TypeError(`--redis names the environment variable ${name}, which is not set`);
  if (URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol)) return url;
  throw new TypeError('--redis must be a URL such as redis://127.0.0.1:6379 or rediss://…, or env:NAME');
};

const secondsOf = (value = '10'): number => {
  const seconds = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && seconds > 0 && seconds <= 600) return seconds;
  throw new TypeError('--timeout must be a number of seconds above 0, at most 600');
};
