// Resolves the options of the request handler, with those of its tokens or beside tokens that exist already.
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { type Checked, checkFields, createIssues } from '../lib/option-issues.ts';
import { resolveMembers, resolveProof } from '../members/options-schema.ts';
import { KEPT_SHARE } from '../upstream/sliding-window.ts';
import { resolveCookie } from './cookie-options.ts';
import { type Environment, isDevelopment, type Resolving, startResolving } from './environment.ts';
import { HANDLER_FIELDS, TOKEN_FIELDS } from './fields.ts';
import type { GenesysGuestOptions } from './options.ts';
import type { ResolvedTokenOptions } from './resolved-options.ts';
import { resolveSecrets } from './secrets.ts';
import { draftTokens } from './token-options.ts';

const FIELDS = { ...TOKEN_FIELDS, ...HANDLER_FIELDS };

/** Options of the tokens that a handler with shared `tokens` may set for itself. */
const OWN_BESIDE_TOKENS = ['webchatId', 'secrets', 'logger', 'logLevel'];

/** Both sets of options, for a handler that makes its own tokens. @throws ConfigurationError with every issue */
export const resolveOptions = <Req>(
  options: GenesysGuestOptions<Req>,
  env: Environment,
): { tokens: ResolvedTokenOptions; handler: ResolvedHandlerOptions } => {
  const issues = createIssues();
  const checked = checkFields(FIELDS, options, issues);
  const resolving = startResolving(checked, env, issues);
  const uses = { forVisitors: true, forMembers: usesMembers(checked) };
  const { tokens, development } = draftTokens(checked, resolving, uses);
  const own = { webchatId: tokens.tokens.webchatId, secrets: tokens.secrets, development };
  const handler = handlerOptions(checked, tokens, own, resolving);
  issues.throwIfAny();
  return { tokens, handler };
};

/** The handler's options beside tokens that exist already. @throws ConfigurationError with every issue */
export const resolveHandlerOptions = <Req>(
  options: GenesysGuestOptions<Req>,
  shared: ResolvedTokenOptions,
  env: Environment,
): ResolvedHandlerOptions => {
  const issues = createIssues();
  const checked = checkFields(FIELDS, options, issues);
  for (const name of Object.keys(TOKEN_FIELDS)) {
    if (!OWN_BESIDE_TOKENS.includes(name) && options[name as keyof typeof TOKEN_FIELDS] !== undefined) {
      issues.add(name, 'cannot be given beside `tokens`: give it to the createGuestTokens(…) that made them');
    }
  }
  const resolving = startResolving(checked, env, issues);
  const development = isDevelopment(env, shared.endpoints);
  const needed = !shared.cookieless || usesMembers(checked);
  const inherits = checked.secrets === undefined && !issues.has('secrets') && shared.secrets.length > 0;
  const secrets = inherits
    ? shared.secrets
    : resolveSecrets(
        checked.secrets,
        { development, shared: shared.store.kind !== 'memory', needed },
        resolving,
      );
  const own = { webchatId: checked.webchatId ?? shared.tokens.webchatId, secrets, development };
  const log = checked.logger ? resolving.log : shared.log;
  const handler = handlerOptions(checked, shared, own, { ...resolving, log });
  issues.throwIfAny();
  return handler;
};

const usesMembers = ({ members, proof }: Checked<typeof FIELDS>): boolean =>
  members !== undefined || (proof !== undefined && proof !== false);

/** Calls of one address in a minute: ten of them fill what newcomers may use, and a small limit still serves a family. */
const FEWEST_OF_ADDRESS = 5;
const SHARE_OF_ADDRESS = 0.1;

const handlerOptions = (
  checked: Checked<typeof FIELDS>,
  { cookieless, upstream: { perMinute } }: ResolvedTokenOptions,
  own: Pick<ResolvedHandlerOptions, 'webchatId' | 'secrets'> & { readonly development: boolean },
  resolving: Resolving,
): ResolvedHandlerOptions => {
  const { publicOrigin, allowedOrigins = [], health, identify } = checked;
  const { webchatId, secrets, development } = own;
  const { issues, log, warn } = resolving;
  const ofNewcomers = perMinute - Math.floor(perMinute * KEPT_SHARE.newcomer);
  const ofAddress = Math.max(FEWEST_OF_ADDRESS, Math.floor(ofNewcomers * SHARE_OF_ADDRESS));
  if (checked.mintsPerMinute !== undefined && checked.mintsPerMinute >= ofNewcomers) {
    warn(
      `mintsPerMinute is ${checked.mintsPerMinute}, so one address can take all that newcomers may use: leave it out for ${ofAddress}`,
    );
  }
  return {
    members: resolveMembers(checked.members, { ...resolving, development, webchatId, identify }),
    proof: resolveProof(checked.proof, webchatId),
    webchatId,
    secrets,
    identify,
    whenUnavailable: checked.whenUnavailable ?? 'anonymous',
    patience: checked.patience ?? 2_000,
    mintsPerMinute: checked.mintsPerMinute ?? ofAddress,
    newcomersPerMinute: ofNewcomers,
    clientAddress: checked.clientAddress,
    admit: checked.admit,
    allowedOrigins: new Set(allowedOrigins),
    publicOrigin,
    health: health && { path: health.path ?? '/health', secrets: [health.secret].flat() },
    cookie: resolveCookie(
      checked.cookie,
      { webchatId, development, publicOrigin, allowedOrigins: cookieless ? [] : allowedOrigins },
      issues,
    ),
    log,
    warn,
  };
};
