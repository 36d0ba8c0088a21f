// What the process' environment says: options that are not given, whether this is development, and the emulator.
import { isLoopback } from '../lib/loopback.ts';
import {
  type Checked,
  checkFields,
  createIssues,
  type Environment,
  type Issues,
  type Variable,
} from '../lib/option-issues.ts';
import { createLog, type Log } from '../observe/log.ts';
import type { TOKEN_FIELDS } from './fields.ts';
import { isUrl } from './origins.ts';
import type { Endpoints } from './resolved-options.ts';

const EMULATOR = 'GENESYS_GUEST_EMULATOR';
export const SECRETS_VARIABLE = 'GENESYS_GUEST_SECRETS';

const CLIENT = {
  clientId: { variable: 'GENESYSCLOUD_OAUTHCLIENT_ID' },
  clientSecret: { variable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET' },
};

const list = (text: string): string[] =>
  text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');

/** Where else the options of tokens may stand. The emulator has a client of its own, and Messenger alone needs none. */
const variablesOf = (source: unknown, env: Environment): Readonly<Record<string, Variable>> => ({
  region: { variable: 'GENESYSCLOUD_REGION' },
  webchatId: { variable: 'GENESYS_GUEST_WEBCHAT_ID' },
  ...(source !== 'none' && !env[EMULATOR] && CLIENT),
  secrets: { variable: SECRETS_VARIABLE, read: list },
});

/** `NODE_ENV` says so, or says nothing of production and nothing that is called is beyond this machine. */
export const isDevelopment = ({ NODE_ENV, ...env }: Environment, endpoints: Endpoints): boolean =>
  NODE_ENV === 'development' ||
  NODE_ENV === 'test' ||
  (NODE_ENV !== 'production' && (Boolean(env[EMULATOR]) || Object.values(endpoints).every(isLoopback)));

/** Where the emulator stands in for Genesys Cloud: its endpoints and its OAuth client, which go before what is set. */
export const emulatorOptions = ({ env, issues }: Resolving) => {
  const url = env[EMULATOR];
  if (!url) return undefined;
  if (env['NODE_ENV'] === 'production') issues.add(EMULATOR, 'is refused with NODE_ENV=production: unset it');
  if (!isUrl(url)) {
    issues.add(EMULATOR, "must be the emulator's URL, such as http://127.0.0.1:4010");
    return undefined;
  }
  const { origin } = new URL(url);
  return {
    endpoints: {
      oauthToken: `${origin}/oauth/token`,
      guestTokens: `${origin}/api/v2/guest-tokens`,
      bootstrap: `${origin}/genesys-bootstrap/genesys.min.js`,
    },
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
  };
};

/** Whether `DEBUG` names us, as it names others that read it. */
const isDebug = ({ DEBUG = '' }: Environment): boolean =>
  DEBUG.split(/[\s,]+/).some((name) => name === '*' || /^genesys-guest(:?\*)?$/.test(name));

/** What options are resolved with: where else they may stand, and where is said what is wrong with them. */
export interface Resolving {
  readonly env: Environment;
  readonly issues: Issues;
  readonly log: Log;
  /** To the logger, else on the console. */
  readonly warn: (message: string) => void;
}

/** @param beside whether the tokens exist already: then nothing is read from the environment @throws ConfigurationError */
export const resolveFields = <S extends typeof TOKEN_FIELDS, R>(
  fields: S,
  options: { readonly source?: unknown },
  env: Environment,
  beside: boolean,
  resolve: (checked: Checked<S>, resolving: Resolving) => R,
): R => {
  const issues = createIssues();
  const variables = beside ? {} : variablesOf(options?.source, env);
  const checked = checkFields(fields, options, issues, '', { env, variables });
  const { logger, logLevel } = checked as Checked<typeof TOKEN_FIELDS>;
  const debug = isDebug(env);
  const log = createLog(logger ?? (debug ? console : undefined), debug ? 'debug' : logLevel);
  const warn = (message: string): void =>
    logger ? log('warn', message) : console.warn(`genesys-guest: ${message}`);
  const resolved = resolve(checked, { env, issues, log, warn });
  issues.throwIfAny();
  return resolved;
};
