// Resolves the options of the guest tokens.
import { type Region, regionHosts } from '@genesys-guest/common';
import { isLoopback } from '../lib/loopback.ts';
import { type Checked, checkFields, createIssues, type Issues } from '../lib/option-issues.ts';
import type { Log } from '../observe/log.ts';
import { memoryStore } from '../store/memory-store.ts';
import {
  type Environment,
  emulatorOptions,
  isDevelopment,
  orFromEnvironment,
  resolveLog,
} from './environment.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET_TEXT,
  ENDPOINT_FIELDS,
  REGION,
  SOURCES,
  type Source,
  TOKEN_FIELDS,
  UPSTREAM_FIELDS,
  WEBCHAT_ID,
} from './fields.ts';
import { resolveAudit, resolveEvents } from './observe-options.ts';
import type { GuestTokensOptions } from './options.ts';
import type { Endpoints, ResolvedTokenOptions, StoreFactory, UpstreamLimits } from './resolved-options.ts';
import { resolveSecrets } from './secrets.ts';

const UPSTREAM: UpstreamLimits = {
  perMinute: 300,
  concurrency: 32,
  maxQueue: 1_000,
  timeout: 5_000,
  deadline: 15_000,
};

/** @throws ConfigurationError with every issue */
export const resolveTokenOptions = (
  options: GuestTokensOptions = {},
  env: Environment,
): ResolvedTokenOptions => {
  const issues = createIssues();
  const { resolved } = draftTokens(checkFields(TOKEN_FIELDS, options, issues), env, issues);
  issues.throwIfAny();
  return resolved as ResolvedTokenOptions;
};

export interface TokenDraft {
  /** `undefined` where an issue leaves nothing to build on. */
  readonly resolved: ResolvedTokenOptions | undefined;
  readonly webchatId: string | undefined;
  readonly development: boolean;
}

type CheckedTokens = Checked<typeof TOKEN_FIELDS>;
type Warn = (message: string) => void;

/** What the secrets are for beside a shared store. */
interface SecretsUse {
  /** They sign cookies. */
  readonly forVisitors?: boolean;
  /** They encrypt codes and proofs. */
  readonly forMembers?: boolean;
}

/** @returns what can be resolved; what cannot is an issue */
export const draftTokens = (
  checked: CheckedTokens,
  env: Environment,
  issues: Issues,
  { forVisitors = false, forMembers = false }: SecretsUse = {},
): TokenDraft => {
  const { log, warn } = resolveLog(checked.logger, checked.logLevel, env);
  const { source = 'guest-tokens' } = checked;
  const orEnvironment = orFromEnvironment(env, issues);
  const store: StoreFactory = checked.store ?? memoryStore();
  const region = orEnvironment('region', 'GENESYSCLOUD_REGION', REGION, checked.region);
  const webchatId = orEnvironment('webchatId', 'GENESYS_GUEST_WEBCHAT_ID', WEBCHAT_ID, checked.webchatId);
  const emulator = emulatorOptions(env, issues);
  const client = emulator ?? oauthClient(checked, source, env, issues);
  const endpoints = emulator?.endpoints ?? resolveEndpoints(checked, region, issues, warn);
  const upstream = resolveUpstream(checked, issues);
  const development = isDevelopment(env, endpoints);
  const shared = store.kind !== 'memory';
  for (const warning of store.warnings ?? []) warn(warning);
  const needed = forMembers || (source !== 'none' && (forVisitors || shared));
  const secrets = resolveSecrets(checked.secrets, { env, development, shared, needed, warn }, issues);
  const operators = {
    audit: resolveAudit(checked.audit, secrets, issues, warn),
    events: resolveEvents(checked.events, store.kind === 'redis', issues, warn),
    onInvalidate: checked.onInvalidate,
  };

  if (!region || !webchatId || !client || !endpoints) return { resolved: undefined, webchatId, development };
  const { clientId, clientSecret } = client;
  const resolved: ResolvedTokenOptions = {
    tokens: {
      region,
      webchatId,
      get source() {
        return typeof source === 'function' ? asked(source, log) : source;
      },
      bootstrap: endpoints.bootstrap,
      tokenLifetime: checked.tokenLifetime ?? 86_400,
      renewBefore: checked.renewBefore ?? 300,
      deadline: upstream.deadline,
    },
    upstream: {
      endpoints,
      clientId,
      clientSecret: typeof clientSecret === 'function' ? clientSecret : () => clientSecret,
      ...upstream,
    },
    observe: { ...operators, webchatId, domain: region.domain, endpoints, log },
    endpoints,
    cookieless: source === 'none',
    store,
    secrets,
    log,
  };
  return { resolved, webchatId, development };
};

/** What the site's switch says now; a broken one takes no token from anybody. */
const asked = (source: () => Source, log: Log): Source => {
  try {
    const answer = source();
    if (SOURCES.includes(answer)) return answer;
    log('error', "source() must return 'guest-tokens' or 'none': it is taken for 'guest-tokens'");
  } catch {
    log('error', "source() threw: it is taken for 'guest-tokens'");
  }
  return 'guest-tokens';
};

const oauthClient = (checked: CheckedTokens, source: unknown, env: Environment, issues: Issues) => {
  if (source === 'none') return { clientId: '', clientSecret: '' };
  const orEnvironment = orFromEnvironment(env, issues);
  const clientId = orEnvironment('clientId', 'GENESYSCLOUD_OAUTHCLIENT_ID', CLIENT_ID, checked.clientId);
  const clientSecret = orEnvironment<string | (() => string | Promise<string>)>(
    'clientSecret',
    'GENESYSCLOUD_OAUTHCLIENT_SECRET',
    CLIENT_SECRET_TEXT,
    checked.clientSecret,
  );
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
};

const IN_THE_CLEAR = {
  oauthToken: 'the client secret',
  guestTokens: 'the access token',
  bootstrap: "Messenger's script",
} as const;

const resolveEndpoints = (
  checked: CheckedTokens,
  region: Region | undefined,
  issues: Issues,
  warn: Warn,
): Endpoints | undefined => {
  const own = checkFields(ENDPOINT_FIELDS, checked.endpoints, issues, 'endpoints');
  for (const name of ['oauthToken', 'guestTokens', 'bootstrap'] as const) {
    const url = own[name];
    if (url?.startsWith('http:') && !isLoopback(url)) {
      warn(
        `endpoints.${name} is plain http, so ${IN_THE_CLEAR[name]} can be read and changed on the way: use https`,
      );
    }
  }
  const regional = region && regionHosts(region);
  const oauthToken = own.oauthToken ?? regional?.oauthToken;
  const guestTokens = own.guestTokens ?? regional?.guestTokens;
  const bootstrap = own.bootstrap ?? regional?.bootstrap;
  return oauthToken && guestTokens && bootstrap ? { oauthToken, guestTokens, bootstrap } : undefined;
};

const resolveUpstream = (checked: CheckedTokens, issues: Issues): UpstreamLimits => {
  const own = checkFields(UPSTREAM_FIELDS, checked.upstream, issues, 'upstream');
  if (own.timeout !== undefined && own.deadline !== undefined && own.timeout > own.deadline) {
    issues.add(
      'upstream.timeout',
      'is over `upstream.deadline`: one try cannot take longer than all together',
    );
  }
  const deadline = own.deadline ?? Math.max(UPSTREAM.deadline, own.timeout ?? 0);
  const timeout = own.timeout ?? Math.min(UPSTREAM.timeout, deadline);
  const { perMinute, concurrency, maxQueue } = { ...UPSTREAM, ...(own as Partial<UpstreamLimits>) };
  const { instances, dispatcher } = own;
  return { perMinute, instances, concurrency, maxQueue, timeout, deadline, dispatcher };
};
