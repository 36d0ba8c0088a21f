// What the process' environment says: options that are not given, whether this is development, and the emulator.
import type { z } from 'zod';
import { isLoopback } from '../lib/loopback.ts';
import type { Issues } from '../lib/option-issues.ts';
import { createLog, type Log, type Logger } from '../observe/log.ts';
import { isUrl } from './origins.ts';
import type { Endpoints } from './resolved-options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The option as given, else its environment variable by the same rules; a required one that is in neither is an issue.
 */
export const orFromEnvironment =
  ({ env, issues }: Resolving) =>
  <T>(name: string, variable: string, field: z.ZodType<T>, checked: T | undefined): T | undefined => {
    if (checked !== undefined || issues.has(name)) return checked;
    const value = env[variable];
    if (!value) {
      issues.add(name, `is missing: set \`${name}\` or the environment variable ${variable}`);
      return undefined;
    }
    const result = field.safeParse(value);
    for (const issue of result.error?.issues ?? []) issues.add(variable, issue.message);
    return result.data;
  };

const EMULATOR = 'GENESYS_GUEST_EMULATOR';

const isProduction = (env: Environment): boolean => env['NODE_ENV'] === 'production';

/** `NODE_ENV` says so, or says nothing of production and nothing that is called is beyond this machine. */
export const isDevelopment = (env: Environment, endpoints: Endpoints): boolean =>
  env['NODE_ENV'] === 'development' ||
  env['NODE_ENV'] === 'test' ||
  (!isProduction(env) && (Boolean(env[EMULATOR]) || Object.values(endpoints).every(isLoopback)));

/** Where the emulator stands in for Genesys Cloud: its endpoints and its OAuth client, which go before what is set. */
export const emulatorOptions = ({ env, issues }: Resolving) => {
  const url = env[EMULATOR];
  if (!url) return undefined;
  if (isProduction(env)) issues.add(EMULATOR, 'is refused with NODE_ENV=production: unset it');
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

/** pino's levels; those that nothing of ours has come to the next that something has. */
export const LOG_LEVELS = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'silent',
  silent: 'silent',
} as const;

export type LogLevelName = keyof typeof LOG_LEVELS;

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

export const startResolving = (
  {
    logger,
    logLevel = 'info',
  }: { readonly logger: Logger | undefined; readonly logLevel: LogLevelName | undefined },
  env: Environment,
  issues: Issues,
): Resolving => {
  const debug = isDebug(env);
  const log = createLog(logger ?? (debug ? console : undefined), debug ? 'debug' : LOG_LEVELS[logLevel]);
  return {
    env,
    issues,
    log,
    warn: (message) => (logger ? log('warn', message) : console.warn(`genesys-guest: ${message}`)),
  };
};
