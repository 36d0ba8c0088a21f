// Resolves the options of the request handler, with those of its tokens or beside tokens that exist already.
import type { ResolvedHandlerOptions } from '../handler/ports.ts';
import type { Environment } from '../lib/option-issues.ts';
import { resolveMembers, resolveProof } from '../members/options-schema.ts';
import { createLogThrottle } from '../observe/log.ts';
import { KEPT_SHARE } from '../upstream/sliding-window.ts';
import { resolveCookie } from './cookie-options.ts';
import { resolveFields } from './environment.ts';
import { HANDLER_FIELDS, TOKEN_FIELDS } from './fields.ts';
import type { GenesysGuestOptions } from './options.ts';
import type { ResolvedTokenOptions } from './resolved-options.ts';
import { resolveSecrets } from './secrets.ts';
import { draftTokens } from './token-options.ts';

const FIELDS = { ...TOKEN_FIELDS, ...HANDLER_FIELDS };

/** Options of the tokens that a handler with shared `tokens` may set for itself. */
const OWN_BESIDE_TOKENS = ['webchatId', 'secrets', 'logger', 'logLevel'];

/**
 * Both sets of options.
 * @param shared the options of tokens that exist already, where the handler has some
 * @throws ConfigurationError with every issue
 */
export const resolveOptions = <Req>(
  options: GenesysGuestOptions<Req>,
  env: Environment,
  shared?: ResolvedTokenOptions,
): { tokens: ResolvedTokenOptions; handler: ResolvedHandlerOptions } =>
  resolveFields(FIELDS, options, env, shared !== undefined, (checked, resolving) => {
    for (const name of shared ? Object.keys(TOKEN_FIELDS) : []) {
      if (OWN_BESIDE_TOKENS.includes(name) || options[name as keyof typeof options] === undefined) continue;
      const message = 'cannot be given beside `tokens`: give it to the createGuestTokens(…) that made them';
      resolving.issues.add(name, message);
    }
    const { source, secrets: given, health, identify } = checked;
    const cookieless = shared?.cookieless ?? source === 'none';
    const needed = !cookieless || Boolean(checked.members ?? checked.proof);
    const tokens = shared ?? draftTokens(checked, resolving, needed);
    const { development, perMinute } = tokens;
    const { webchatId = tokens.webchatId } = checked;
    const inherited = given.length > 0 ? given : tokens.secrets;
    const ofNewcomers = perMinute - Math.floor(perMinute * KEPT_SHARE.newcomer);
    const ofAddress = Math.max(FEWEST_OF_ADDRESS, Math.floor(ofNewcomers * SHARE_OF_ADDRESS));
    if (checked.mintsPerMinute !== undefined && checked.mintsPerMinute >= ofNewcomers) {
      resolving.warn(
        `mintsPerMinute is ${checked.mintsPerMinute}, so one address can take all that newcomers may use: leave it out for ${ofAddress}`,
      );
    }
    const handler = {
      ...checked,
      members: resolveMembers(checked.members, { ...resolving, development, webchatId, identify }),
      proof: resolveProof(checked.proof, webchatId),
      webchatId,
      secrets: shared ? resolveSecrets(inherited, needed, shared, resolving) : tokens.secrets,
      mintsPerMinute: checked.mintsPerMinute ?? ofAddress,
      newcomersPerMinute: ofNewcomers,
      allowedOrigins: new Set(checked.allowedOrigins),
      health: health && { path: health.path?.toLowerCase() ?? '/health', secrets: [health.secret].flat() },
      cookie: resolveCookie({ ...checked, webchatId }, tokens, resolving),
      // Strangers can cause some of its lines.
      log: createLogThrottle(checked.logger ? resolving.log : tokens.log),
      warn: resolving.warn,
    };
    return { tokens, handler };
  });

/** Calls of one address in a minute: ten of them fill what newcomers may use, and a small limit still serves a family. */
const FEWEST_OF_ADDRESS = 5;
const SHARE_OF_ADDRESS = 0.1;
