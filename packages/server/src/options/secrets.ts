// Where the keys come from: given, from the environment, or at random where nothing outlives the process.
import { randomBytes } from 'node:crypto';
import type { Faults } from '../lib/option-issues.ts';
import type { Environment } from './environment.ts';
import { secret } from './fields.ts';

const VARIABLE = 'GENESYS_GUEST_SECRETS';

const HOW = `set \`secrets\` or the environment variable ${VARIABLE} to a string of 32 characters or more, such as \`openssl rand -base64 32\` prints`;

/** The secrets that the site has set, none where it has set none. */
export const givenSecrets = (
  checked: readonly (string | undefined)[] | undefined,
  given: unknown,
  env: Environment,
  faults: Faults,
): readonly string[] => {
  if (given !== undefined && checked === undefined) return [];
  const own = (checked ?? []).filter((value) => value !== undefined);
  if (own.length > 0) return own;
  const listed = (env[VARIABLE] ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  for (const [index, value] of listed.entries()) {
    for (const issue of secret.safeParse(value).error?.issues ?? []) {
      faults.add(`${VARIABLE}[${index}]`, issue.message);
    }
  }
  return listed;
};

/** Whether something was set, right or wrong: what is wrong is said once and not taken for missing. */
export const areSecretsSet = (given: unknown, env: Environment): boolean =>
  (Array.isArray(given) ? given.some((value) => value !== undefined) : given !== undefined) ||
  (env[VARIABLE] ?? '').replaceAll(/[,\s]/g, '') !== '';

/** Where nothing was set: random ones in development, which end with the process; a fault elsewhere. */
export const secretsAtRandom = (
  { development, shared }: { readonly development: boolean; readonly shared: boolean },
  faults: Faults,
  warn: (message: string) => void,
): readonly string[] => {
  if (shared) {
    faults.add('secrets', `are needed, as a shared store holds what every instance must read: ${HOW}`);
    return [];
  }
  if (!development) {
    faults.add('secrets', `are missing: ${HOW}`);
    return [];
  }
  warn(`no secrets are set, so they are made at random and visitors are forgotten at a restart: ${HOW}`);
  return [randomBytes(32).toString('base64url')];
};
