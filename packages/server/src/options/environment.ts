// What the process' environment says: options that are not given, and whether this is development.
import type { z } from 'zod';
import type { Faults } from '../lib/option-issues.ts';
import { createLog, type Log, type Logger } from '../observe/log.ts';
import { isLoopback } from './origins.ts';
import type { Endpoints } from './resolved-options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The option as given, else its environment variable by the same rules; a required one that is in neither is a fault. */
export const orFromEnvironment = <T>(
  name: string,
  checked: T | undefined,
  given: unknown,
  { variable, field, env }: { variable: string; field: z.ZodType<T>; env: Environment },
  faults: Faults,
): T | undefined => {
  if (given !== undefined) return checked;
  const value = env[variable];
  if (!value) {
    faults.add(name, `is missing: set \`${name}\` or the environment variable ${variable}`);
    return undefined;
  }
  const result = field.safeParse(value);
  for (const issue of result.error?.issues ?? []) faults.add(variable, issue.message);
  return result.data;
};

/** `NODE_ENV` says so, or nothing that is called is beyond this machine. */
export const isDevelopment = (env: Environment, endpoints: Endpoints | undefined): boolean =>
  env['NODE_ENV'] === 'development' ||
  env['NODE_ENV'] === 'test' ||
  (endpoints !== undefined && Object.values(endpoints).every(isLoopback));

/** The logger of the site, and the one way to say what is wrong with its configuration. */
export const voices = (logger: Logger | undefined): { log: Log; warn: (message: string) => void } => {
  const log = createLog(logger);
  return {
    log,
    warn: (message) => (logger ? log('warn', message) : console.warn(`genesys-guest: ${message}`)),
  };
};
