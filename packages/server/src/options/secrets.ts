// Where the keys come from: given, from the environment, or at random where nothing outlives the process.
import { randomBytes } from 'node:crypto';
import type { Issues } from '../lib/option-issues.ts';
import type { Environment, Resolving } from './environment.ts';
import { SECRET_LENGTH, secret } from './fields.ts';

const VARIABLE = 'GENESYS_GUEST_SECRETS';

const HOW = `set \`secrets\` or the environment variable ${VARIABLE} to a string of 32 characters or more, such as \`openssl rand -base64 32\` prints`;

/** Different characters that every random secret has: one with fewer was typed by a person. */
const FEWEST_CHARACTERS = 8;

export interface SecretsUse {
  readonly development: boolean;
  /** Whether a store is shared with other instances. */
  readonly shared: boolean;
  /** Whether something is to be signed or encrypted at all. */
  readonly needed: boolean;
}

/** The secrets that the site has set; where it has set none, and they are needed, random ones in development. */
export const resolveSecrets = (
  checked: readonly (string | undefined)[] | undefined,
  use: SecretsUse,
  resolving: Resolving,
): readonly string[] => {
  const { env, issues, warn } = resolving;
  const given = (checked ?? []).filter((value) => value !== undefined);
  if (given.length === 0 && !issues.has('secrets')) given.push(...fromEnvironment(env, issues));
  // What is wrong is said once, and not taken for missing.
  if (given.length === 0 && use.needed && !issues.has('secrets') && !issues.has(VARIABLE)) {
    return atRandom(use, resolving);
  }
  // Of one that is too short anyway nothing more is said.
  if (given.some((value) => value.length >= SECRET_LENGTH && new Set(value).size < FEWEST_CHARACTERS)) {
    warn(`a secret has fewer than ${FEWEST_CHARACTERS} different characters and can be guessed: ${HOW}`);
  }
  return given;
};

const fromEnvironment = (env: Environment, issues: Issues): string[] => {
  const listed = (env[VARIABLE] ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  for (const [index, value] of listed.entries()) {
    for (const issue of secret.safeParse(value).error?.issues ?? []) {
      issues.add(`${VARIABLE}[${index}]`, issue.message);
    }
  }
  return listed;
};

/** They end with the process. */
const atRandom = ({ development, shared }: SecretsUse, { issues, warn }: Resolving): readonly string[] => {
  if (!shared && development) {
    warn(`no secrets are set, so they are made at random and visitors are forgotten at a restart: ${HOW}`);
    return [randomBytes(32).toString('base64url')];
  }
  const why = shared ? 'are needed, as a shared store holds what every instance must read' : 'are missing';
  issues.add('secrets', `${why}: ${HOW}`);
  return [];
};
