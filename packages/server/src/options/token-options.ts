// Resolves the options of the guest tokens.
import { REGIONS, type Region, regionHosts } from '@genesys-guest/common';
import { isLoopback } from '../lib/loopback.ts';
import type { Checked, Environment } from '../lib/option-issues.ts';
import { guarded } from '../lib/promise.ts';
import { createLogThrottle, type Log } from '../observe/log.ts';
import { memoryStore } from '../store/memory-store.ts';
import { emulatorOptions, isDevelopment, type Resolving, resolveFields } from './environment.ts';
import { SOURCES, type Source, TOKEN_FIELDS } from './fields.ts';
import { resolveAudit, resolveEvents } from './observe-options.ts';
import type { GuestTokensOptions } from './options.ts';
import type { Endpoints, ResolvedTokenOptions, StoreFactory, UpstreamLimits } from './resolved-options.ts';
import { resolveSecrets } from './secrets.ts';

/** @throws ConfigurationError with every issue */
export const resolveTokenOptions = (options: GuestTokensOptions, env: Environment): ResolvedTokenOptions =>
  resolveFields(TOKEN_FIELDS, options, env, false, draftTokens);

type CheckedTokens = Checked<typeof TOKEN_FIELDS>;

/**
 * @param signs whether something beside a shared store needs secrets
 * @returns what may be used only if there is no issue
 */
export const draftTokens = (
  checked: CheckedTokens,
  resolving: Resolving,
  signs = false,
): ResolvedTokenOptions => {
  const { env, log, warn } = resolving;
  // Where it is missing there is an issue, and nothing of this is used.
  const { region = REGIONS[0] as Region, webchatId = '', source } = checked;
  const { store = memoryStore() as StoreFactory } = checked;
  const emulator = emulatorOptions(resolving);
  const { clientId = '', clientSecret = '' } = emulator ?? checked;
  const endpoints = emulator?.endpoints ?? resolveEndpoints(checked, region, resolving);
  const say = createLogThrottle(log);
  const development = isDevelopment(env, endpoints);
  const shared = store.kind !== 'memory';
  for (const warning of store.warnings ?? []) warn(warning);
  const needed = signs || (source !== 'none' && shared);
  const secrets = resolveSecrets(checked.secrets, needed, { development, store }, resolving);
  return {
    ...checked,
    region,
    webchatId,
    get source() {
      return typeof source === 'function' ? asked(source, say) : source;
    },
    // For good: what a function says may change.
    cookieless: source === 'none',
    endpoints,
    bootstrap: endpoints.bootstrap,
    clientId,
    clientSecret: typeof clientSecret === 'function' ? clientSecret : () => clientSecret,
    ...resolveUpstream(checked.upstream, resolving),
    audit: resolveAudit(checked.audit, secrets, resolving),
    events: resolveEvents(checked.events, shared, resolving),
    store,
    secrets,
    development,
    log,
  };
};

/** What the site's switch says now; a broken one takes no token from anybody. */
const asked = (source: () => Source, log: Log): Source => {
  try {
    const answer = source();
    if (SOURCES.includes(answer)) return answer;
    guarded(() => answer);
    log('error', "source() must return 'guest-tokens' or 'none', no promise: it is taken for 'guest-tokens'");
  } catch {
    log('error', "source() threw: it is taken for 'guest-tokens'");
  }
  return 'guest-tokens';
};

const IN_THE_CLEAR = {
  oauthToken: 'the client secret',
  guestTokens: 'the access token',
  bootstrap: "Messenger's script",
} as const;

const resolveEndpoints = ({ endpoints }: CheckedTokens, region: Region, { warn }: Resolving): Endpoints => {
  const hosts = regionHosts(region);
  const endpoint = (name: keyof Endpoints): string => {
    const url = endpoints[name] ?? hosts[name];
    if (!url.startsWith('https:') && !isLoopback(url)) {
      warn(
        `endpoints.${name} is plain http, so ${IN_THE_CLEAR[name]} can be read and changed on the way: use https`,
      );
    }
    return url;
  };
  return {
    oauthToken: endpoint('oauthToken'),
    guestTokens: endpoint('guestTokens'),
    bootstrap: endpoint('bootstrap'),
  };
};

const resolveUpstream = (given: CheckedTokens['upstream'], { issues }: Resolving): UpstreamLimits => {
  const { timeout = Math.min(5_000, given.deadline ?? 5_000) } = given;
  const { deadline = Math.max(15_000, timeout) } = given;
  if (timeout > deadline) {
    issues.add(
      'upstream.timeout',
      'is over `upstream.deadline`: one try cannot take longer than all together',
    );
  }
  return { ...given, timeout, deadline };
};
