// Where the keys come from: given, from the environment, or at random where nothing outlives the process.
import { randomBytes } from 'node:crypto';
import { type Resolving, SECRETS_VARIABLE } from './environment.ts';
import type { ResolvedTokenOptions } from './resolved-options.ts';

const HOW = `set \`secrets\` or the environment variable ${SECRETS_VARIABLE} to a string of 32 characters or more, such as \`openssl rand -base64 32\` prints`;

/** Different characters that every random secret has: one with fewer was typed by a person. */
const FEWEST_CHARACTERS = 8;

/**
 * The secrets that the site has set; where it has set none, and they are needed, random ones in development.
 * @param needed whether something is to be signed or encrypted at all
 */
export const resolveSecrets = (
  given: readonly string[],
  needed: boolean,
  { development, store }: Pick<ResolvedTokenOptions, 'development' | 'store'>,
  { issues, warn }: Resolving,
): readonly string[] => {
  const shared = store.kind !== 'memory';
  if (given.some((value) => new Set(value).size < FEWEST_CHARACTERS)) {
    warn(`a secret has fewer than ${FEWEST_CHARACTERS} different characters and can be guessed: ${HOW}`);
  }
  // What is wrong is said once, and not taken for missing.
  if (given.length > 0 || !needed || issues.has('secrets') || issues.has(SECRETS_VARIABLE)) return given;
  if (development && !shared) {
    warn(`no secrets are set, so they are made at random and visitors are forgotten at a restart: ${HOW}`);
    return [randomBytes(32).toString('base64url')];
  }
  const why = shared ? 'are needed, as a shared store holds what every instance must read' : 'are missing';
  issues.add('secrets', `${why}: ${HOW}`);
  return [];
};
