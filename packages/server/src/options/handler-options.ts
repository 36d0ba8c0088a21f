// Resolves the options of the request handler, with those of its tokens or beside tokens that exist already.
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import { type Checked, checkFields, createIssues, type Issues } from '../lib/option-issues.ts';
import { KEPT_SHARE } from '../upstream/sliding-window.ts';
import { resolveCookie } from './cookie-options.ts';
import { type Environment, isDevelopment, resolveLog, type Voices } from './environment.ts';
import { HANDLER_FIELDS, TOKEN_FIELDS } from './fields.ts';
import { resolveMembersOptions } from './members-options.ts';
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
  const {
    resolved,
    webchatId = '',
    development,
  } = draftTokens(checked, env, issues, {
    forVisitors: true,
    forMembers: usesMembers(checked),
  });
  const context = {
    env,
    webchatId,
    secrets: resolved?.secrets ?? [],
    development,
    cookieless: checked.source === 'none',
    perMinute: resolved?.upstream.perMinute,
    voices: resolveLog(checked.logger, checked.logLevel, env),
  };
  const handler = handlerOptions(checked, context, issues);
  issues.throwIfAny();
  return { tokens: resolved as ResolvedTokenOptions, handler };
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
  const development = isDevelopment(env, shared.endpoints);
  const voices = resolveLog(checked.logger, checked.logLevel, env);
  const { cookieless } = shared;
  const context = {
    env,
    webchatId: checked.webchatId ?? shared.tokens.webchatId,
    secrets:
      checked.secrets === undefined && !issues.has('secrets') && shared.secrets.length > 0
        ? shared.secrets
        : resolveSecrets(
            checked.secrets,
            {
              env,
              development,
              shared: shared.store.kind !== 'memory',
              needed: !cookieless || usesMembers(checked),
              warn: voices.warn,
            },
            issues,
          ),
    development,
    cookieless,
    perMinute: shared.upstream.perMinute,
    voices: checked.logger ? voices : { ...voices, log: shared.log },
  };
  const handler = handlerOptions(checked, context, issues);
  issues.throwIfAny();
  return handler;
};

const usesMembers = ({ members, proof }: Checked<typeof FIELDS>): boolean =>
  members !== undefined || (proof !== undefined && proof !== false);

interface HandlerContext {
  readonly env: Environment;
  readonly webchatId: string;
  readonly secrets: readonly string[];
  readonly development: boolean;
  /** Without a cookie nothing depends on whether browsers would send it. */
  readonly cookieless: boolean;
  readonly perMinute: number | undefined;
  readonly voices: Voices;
}

/** Calls of one address in a minute: ten of them fill what newcomers may use, and a small limit still serves a family. */
const FEWEST_OF_ADDRESS = 5;
const SHARE_OF_ADDRESS = 0.1;

const handlerOptions = (
  checked: Checked<typeof FIELDS>,
  { env, webchatId, secrets, development, cookieless, perMinute = 0, voices }: HandlerContext,
  issues: Issues,
): ResolvedHandlerOptions => {
  const { publicOrigin, allowedOrigins = [], health } = checked;
  const ofNewcomers = perMinute - Math.floor(perMinute * KEPT_SHARE.newcomer);
  const ofAddress = Math.max(FEWEST_OF_ADDRESS, Math.floor(ofNewcomers * SHARE_OF_ADDRESS));
  if (checked.mintsPerMinute !== undefined && checked.mintsPerMinute >= ofNewcomers && perMinute > 0) {
    voices.warn(
      `mintsPerMinute is ${checked.mintsPerMinute}, so one address can take all that newcomers may use: leave it out for ${ofAddress}`,
    );
  }
  return {
    ...resolveMembersOptions(
      checked,
      { env, development, webchatId, hasIdentify: checked.identify !== undefined },
      issues,
    ),
    webchatId,
    secrets,
    identify: checked.identify,
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
    ...voices,
  };
};
