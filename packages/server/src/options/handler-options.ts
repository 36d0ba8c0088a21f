// Settles the options of the request handler, with those of its tokens or beside tokens that exist already.
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { type Checked, checkFields, createFaults, type Faults } from '../lib/option-issues.ts';
import { KEPT_SHARE } from '../upstream/sliding-window.ts';
import { settleCookie } from './cookie-options.ts';
import { type Environment, isDevelopment, voices } from './environment.ts';
import { HANDLER_FIELDS, TOKEN_FIELDS } from './fields.ts';
import type { GenesysGuestOptions } from './options.ts';
import type { ResolvedTokenOptions } from './resolved-options.ts';
import { areSecretsSet, givenSecrets, secretsAtRandom } from './secrets.ts';
import { draftTokens } from './token-options.ts';

const FIELDS = { ...TOKEN_FIELDS, ...HANDLER_FIELDS };

/** Options of the tokens that a handler with shared `tokens` may set for itself. */
const OWN_BESIDE_TOKENS = ['webchatId', 'secrets', 'logger'];

/** Both sets of settings, for a handler that makes its own core. @throws ConfigurationError with every fault */
export const resolveOptions = <Req>(
  options: GenesysGuestOptions<Req>,
  env: Environment,
): { tokens: ResolvedTokenOptions; handler: ResolvedHandlerOptions } => {
  const faults = createFaults();
  const checked = checkFields(FIELDS, options, faults);
  const { resolved, webchatId = '', development } = draftTokens(options, checked, env, faults, true);
  const secrets = resolved?.secrets ?? [];
  const cookieless = checked.source === 'none';
  const perMinute = resolved?.upstream.perMinute ?? 300;
  const handler = handlerOptions(checked, { webchatId, secrets, development, cookieless, perMinute }, faults);
  faults.throwIfAny();
  return { tokens: resolved as ResolvedTokenOptions, handler };
};

/** The handler's settings beside tokens that exist already. @throws ConfigurationError with every fault */
export const resolveHandlerOptions = <Req>(
  options: GenesysGuestOptions<Req>,
  shared: ResolvedTokenOptions,
  env: Environment,
): ResolvedHandlerOptions => {
  const faults = createFaults();
  const checked = checkFields(FIELDS, options, faults);
  for (const name of Object.keys(TOKEN_FIELDS)) {
    if (!OWN_BESIDE_TOKENS.includes(name) && options[name as keyof typeof TOKEN_FIELDS] !== undefined) {
      faults.add(name, 'cannot be given beside `tokens`: give it to the createGuestTokens(…) that made them');
    }
  }
  const development = isDevelopment(env, shared.endpoints);
  const handler = handlerOptions(
    checked,
    {
      webchatId: checked.webchatId ?? shared.tokens.webchatId,
      secrets: secretsBesideTokens(options, checked, shared, env, faults),
      development,
      cookieless: shared.tokens.source === 'none',
      perMinute: shared.upstream.perMinute,
    },
    faults,
  );
  faults.throwIfAny();
  return checked.logger ? handler : { ...handler, log: shared.log };
};

const secretsBesideTokens = (
  given: GenesysGuestOptions<never>,
  checked: Checked<typeof FIELDS>,
  shared: ResolvedTokenOptions,
  env: Environment,
  faults: Faults,
): readonly string[] => {
  if (given.secrets === undefined && shared.secrets.length > 0) return shared.secrets;
  const own = givenSecrets(checked.secrets, given.secrets, env, faults);
  if (own.length > 0 || shared.tokens.source === 'none' || areSecretsSet(given.secrets, env)) return own;
  const development = isDevelopment(env, shared.endpoints);
  return secretsAtRandom(
    { development, shared: shared.store.kind !== 'memory' },
    faults,
    voices(checked.logger).warn,
  );
};

interface Surroundings {
  readonly webchatId: string;
  readonly secrets: readonly string[];
  readonly development: boolean;
  readonly cookieless: boolean;
  /** Calls in a minute that leave at most. */
  readonly perMinute: number;
}

const handlerOptions = (
  checked: Checked<typeof FIELDS>,
  { webchatId, secrets, development, cookieless, perMinute }: Surroundings,
  faults: Faults,
): ResolvedHandlerOptions => {
  const { publicOrigin } = checked;
  const newcomersPerMinute = perMinute - Math.floor(perMinute * KEPT_SHARE);
  const allowedOrigins = checked.allowedOrigins ?? [];
  return {
    webchatId,
    secrets,
    identify: checked.identify,
    whenUnavailable: checked.whenUnavailable ?? 'anonymous',
    patience: checked.patience ?? 2_000,
    mintsPerMinute: checked.mintsPerMinute ?? Math.max(5, Math.floor(newcomersPerMinute / 10)),
    newcomersPerMinute,
    clientAddress: checked.clientAddress,
    admit: checked.admit,
    allowedOrigins: new Set(allowedOrigins),
    publicOrigin,
    // Without a cookie nothing depends on whether browsers would send it.
    cookie: settleCookie(
      checked.cookie,
      { webchatId, development, publicOrigin, allowedOrigins: cookieless ? [] : allowedOrigins },
      faults,
    ),
    ...voices(checked.logger),
  };
};
