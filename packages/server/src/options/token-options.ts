// Settles the options of the guest tokens.
import { regionHosts } from '@genesys-guest/common';
import { type Checked, checkFields, createFaults, type Faults } from '../lib/option-issues.ts';
import { memoryStore } from '../store/memory-store.ts';
import { type Environment, isDevelopment, orFromEnvironment, voices } from './environment.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET_TEXT,
  ENDPOINT_FIELDS,
  REGION,
  TOKEN_FIELDS,
  UPSTREAM_FIELDS,
  WEBCHAT_ID,
} from './fields.ts';
import { settleAudit, settleEvents } from './observe-options.ts';
import type { GuestTokensOptions } from './options.ts';
import { isLoopback } from './origins.ts';
import type { Endpoints, ResolvedTokenOptions, UpstreamLimits } from './resolved-options.ts';
import { areSecretsSet, givenSecrets, secretsAtRandom } from './secrets.ts';

const UPSTREAM: UpstreamLimits = {
  perMinute: 300,
  concurrency: 32,
  maxQueue: 1_000,
  timeout: 5_000,
  deadline: 15_000,
};

/** @throws ConfigurationError with every fault */
export const resolveTokenOptions = (
  options: GuestTokensOptions = {},
  env: Environment,
): ResolvedTokenOptions => {
  const faults = createFaults();
  const { resolved } = draftTokens(options, checkFields(TOKEN_FIELDS, options, faults), env, faults);
  faults.throwIfAny();
  return resolved as ResolvedTokenOptions;
};

export interface TokenDraft {
  /** `undefined` where a fault leaves nothing to build on. */
  readonly resolved: ResolvedTokenOptions | undefined;
  readonly webchatId: string | undefined;
  readonly development: boolean;
}

/** @param forVisitors whether the secrets also sign cookies, and are needed for that */
export const draftTokens = (
  options: GuestTokensOptions | null,
  checked: Checked<typeof TOKEN_FIELDS>,
  env: Environment,
  faults: Faults,
  forVisitors = false,
): TokenDraft => {
  const given = options ?? {};
  const { log, warn } = voices(checked.logger);
  const source = checked.source ?? 'guest-tokens';
  const region = orFromEnvironment(
    'region',
    checked.region,
    given.region,
    { variable: 'GENESYSCLOUD_REGION', field: REGION, env },
    faults,
  );
  const webchatId = orFromEnvironment(
    'webchatId',
    checked.webchatId,
    given.webchatId,
    { variable: 'GENESYS_GUEST_WEBCHAT_ID', field: WEBCHAT_ID, env },
    faults,
  );
  const client = source === 'none' ? { id: '', secret: () => '' } : oauthClient(given, checked, env, faults);
  const endpoints = settleEndpoints(given, region && regionHosts(region), faults, warn);
  const upstream = settleUpstream(given, faults);
  const store = checked.store ?? memoryStore();
  const development = isDevelopment(env, endpoints);
  const secrets = settleSecrets();
  const audit = settleAudit(checked.audit, secrets, faults, warn);
  const events = settleEvents(checked.events, store.kind === 'redis', faults, warn);

  function settleSecrets(): readonly string[] {
    const own = givenSecrets(checked.secrets, given.secrets, env, faults);
    const shared = store.kind !== 'memory';
    const needed = source !== 'none' && (forVisitors || shared);
    if (own.length > 0 || !needed || areSecretsSet(given.secrets, env)) return own;
    return secretsAtRandom({ development, shared }, faults, warn);
  }

  if (!region || !webchatId || !client || !endpoints) return { resolved: undefined, webchatId, development };
  const resolved: ResolvedTokenOptions = {
    tokens: {
      region,
      webchatId,
      source,
      bootstrap: endpoints.bootstrap,
      tokenLifetime: checked.tokenLifetime ?? 86_400,
      renewBefore: checked.renewBefore ?? 300,
      deadline: upstream.deadline,
    },
    upstream: { endpoints, clientId: client.id, clientSecret: client.secret, ...upstream },
    observe: {
      webchatId,
      domain: region.domain,
      endpoints,
      audit,
      events,
      onInvalidate: checked.onInvalidate,
      log,
    },
    endpoints,
    store,
    secrets,
    log,
  };
  return { resolved, webchatId, development };
};

const oauthClient = (
  given: GuestTokensOptions,
  checked: Checked<typeof TOKEN_FIELDS>,
  env: Environment,
  faults: Faults,
) => {
  const id = orFromEnvironment(
    'clientId',
    checked.clientId,
    given.clientId,
    { variable: 'GENESYSCLOUD_OAUTHCLIENT_ID', field: CLIENT_ID, env },
    faults,
  );
  const secret = orFromEnvironment(
    'clientSecret',
    checked.clientSecret,
    given.clientSecret,
    { variable: 'GENESYSCLOUD_OAUTHCLIENT_SECRET', field: CLIENT_SECRET_TEXT, env },
    faults,
  );
  if (id === undefined || secret === undefined) return undefined;
  return { id, secret: typeof secret === 'function' ? secret : () => secret };
};

const settleEndpoints = (
  given: GuestTokensOptions,
  regional: Endpoints | undefined,
  faults: Faults,
  warn: (message: string) => void,
): Endpoints | undefined => {
  const own = checkFields(ENDPOINT_FIELDS, given.endpoints, faults, 'endpoints');
  for (const [name, url] of Object.entries(own)) {
    if (url?.startsWith('http:') && !isLoopback(url)) {
      warn(`endpoints.${name} is plain http, so what goes there can be read on the way: use https`);
    }
  }
  const oauthToken = own.oauthToken ?? regional?.oauthToken;
  const guestTokens = own.guestTokens ?? regional?.guestTokens;
  const bootstrap = own.bootstrap ?? regional?.bootstrap;
  return oauthToken && guestTokens && bootstrap ? { oauthToken, guestTokens, bootstrap } : undefined;
};

const settleUpstream = (given: GuestTokensOptions, faults: Faults): UpstreamLimits => {
  const own = checkFields(UPSTREAM_FIELDS, given.upstream, faults, 'upstream');
  if (own.timeout !== undefined && own.deadline !== undefined && own.timeout > own.deadline) {
    faults.add(
      'upstream.timeout',
      'is over `upstream.deadline`: one try cannot take longer than all together',
    );
  }
  const deadline = own.deadline ?? Math.max(UPSTREAM.deadline, own.timeout ?? 0);
  return {
    perMinute: own.perMinute ?? UPSTREAM.perMinute,
    concurrency: own.concurrency ?? UPSTREAM.concurrency,
    maxQueue: own.maxQueue ?? UPSTREAM.maxQueue,
    timeout: own.timeout ?? Math.min(UPSTREAM.timeout, deadline),
    deadline,
    dispatcher: own.dispatcher,
  };
};
