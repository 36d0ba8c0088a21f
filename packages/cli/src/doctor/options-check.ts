// Checks the options as the server itself would, and keeps what of them is right for the checks that follow.
import { regionHosts, resolveRegion } from '@genesys-guest/common';
import { ConfigurationError, type FieldError } from '../../../server/src/lib/errors.ts';
import { resolveOptions } from '../../../server/src/options/handler-options.ts';
import type { GenesysGuestOptions } from '../../../server/src/options/options.ts';
import {
  type AllEndpoints,
  type Asked,
  check,
  type Facts,
  type Finding,
  fail,
  pass,
  warn,
} from './finding.ts';
import { capital } from './words.ts';

const VARIABLES = {
  region: 'GENESYSCLOUD_REGION',
  clientId: 'GENESYSCLOUD_OAUTHCLIENT_ID',
  clientSecret: 'GENESYSCLOUD_OAUTHCLIENT_SECRET',
  webchatId: 'GENESYS_GUEST_WEBCHAT_ID',
  secrets: 'GENESYS_GUEST_SECRETS',
} as const;

type Field = keyof typeof VARIABLES;

const MENDS: Readonly<Record<Field, string>> = {
  region: 'Set GENESYSCLOUD_REGION or --region to the region of the organisation.',
  clientId:
    "Set GENESYSCLOUD_OAUTHCLIENT_ID or --client-id to the OAuth client's id: Genesys Cloud has it under Admin > Integrations > OAuth.",
  clientSecret:
    "Set GENESYSCLOUD_OAUTHCLIENT_SECRET to the OAuth client's secret: Genesys Cloud has it under Admin > Integrations > OAuth.",
  webchatId:
    "Set GENESYS_GUEST_WEBCHAT_ID or --webchat to the deployment's id: Genesys Cloud has it under Admin > Message > Messenger Deployments.",
  secrets: 'Set GENESYS_GUEST_SECRETS to what `openssl rand -base64 32` prints, the same on every instance.',
};

export const options = check({
  name: 'options',
  title: 'the options',
  group: 'Options',
  run: ({ asked, env }) => {
    const warnings: string[] = [];
    const faults = faultsOf(asked, env, (warning) => warnings.push(warning));
    const facts = usable(asked, env, new Set(faults.map(({ field }) => fieldOf(field) ?? field)));
    const findings: Finding[] = [
      ...faults.map(faultFinding),
      ...warnings.map((warning) => warn(...halves(capital(warning), 'Mend it before the site goes live.'))),
      ...(asked.redisInTheOpen && /:\/\/[^/]*@/.test(asked.redis ?? '') ? [IN_THE_OPEN] : []),
    ];
    if (faults.length === 0) findings.unshift(pass(`All that is needed is set: ${summary(facts)}`));
    return { findings, facts };
  },
});

const IN_THE_OPEN = warn(
  'The password of Redis stands on the command line, where ps shows it',
  'Put the URL into an environment variable and write --redis env:REDIS_URL.',
);

const faultsOf = (
  asked: Asked,
  env: Readonly<Record<string, string | undefined>>,
  onWarning: (warning: string) => void,
): readonly FieldError[] => {
  const quiet = () => {};
  // What comes from outside the types is checked by the settling itself.
  const given = {
    region: asked.region,
    clientId: asked.clientId,
    webchatId: asked.webchatId,
    source: asked.source,
    endpoints: asked.endpoints,
    logger: { debug: quiet, info: quiet, error: quiet, warn: onWarning },
    // Never opened; that it is shared forbids secrets made at random.
    ...(asked.redis && { store: { kind: 'redis', open: unopened } }),
  } as GenesysGuestOptions;
  try {
    resolveOptions(given, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.errors;
    throw error;
  }
};

const unopened = (): never => {
  throw new TypeError('The doctor opens no store');
};

/** The option that a fault is about, by its name or by its environment variable's. */
const fieldOf = (name: string): Field | undefined =>
  (Object.keys(VARIABLES) as Field[]).find(
    (field) => name === field || name.replace(/\[\d+\]$/, '') === VARIABLES[field],
  );

const faultFinding = ({ field: name, message }: FieldError): Finding => {
  const field = fieldOf(name);
  const [what, mend] = halves(`${name} ${message}`, 'Correct it as said.');
  return fail(what, field ? joined(mendFor(message), MENDS[field]) : mend);
};

/** Of a misspelt region the nearest ones are the better half of the mend. */
const mendFor = (message: string): string => capital(/the nearest are .*$/.exec(message)?.[0] ?? '');

const joined = (first: string, second: string): string => (first ? `${first}. ${second}` : second);

/** "what is wrong: what to do", as the options' own messages are built. */
const halves = (text: string, otherwise: string): [string, string] => {
  const [, what = text, mend = otherwise] = /^(.+?)[:;] (.+)$/.exec(text) ?? [];
  const sentence = capital(mend);
  return [what, sentence.endsWith('.') ? sentence : `${sentence}.`];
};

/** Only what has no fault: a check that follows must not call with what is known to be wrong. */
const usable = (
  asked: Asked,
  env: Readonly<Record<string, string | undefined>>,
  faulty: ReadonlySet<string>,
): Facts => {
  const take = (field: Field, given?: string): string | undefined =>
    faulty.has(field) ? undefined : (given ?? env[VARIABLES[field]]);
  const region = resolveRegion(take('region', asked.region) ?? '');
  const secrets = take('secrets')
    ?.split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
  const endpoints = [...faulty].some((name) => name.startsWith('endpoints'))
    ? undefined
    : endpointsOf(asked, region && regionHosts(region));
  const tokens = asked.source !== 'none';
  const [clientId, clientSecret] = [take('clientId', asked.clientId), take('clientSecret')];
  const webchatId = take('webchatId', asked.webchatId);
  return {
    ...(region && { region }),
    ...(tokens && clientId && { clientId }),
    ...(tokens && clientSecret && { clientSecret }),
    ...(webchatId && { webchatId }),
    ...(secrets?.length && { secrets }),
    ...(endpoints && { endpoints }),
  };
};

const endpointsOf = (
  { endpoints, deployments }: Asked,
  regional: AllEndpoints | undefined,
): AllEndpoints | undefined => {
  const own = endpoints.bootstrap && filesBeside(endpoints.bootstrap, regional);
  const all = { ...regional, ...endpoints, ...(deployments ? { deployments } : own) };
  return all.oauthToken && all.guestTokens && all.bootstrap && all.deployments
    ? {
        oauthToken: all.oauthToken,
        guestTokens: all.guestTokens,
        bootstrap: all.bootstrap,
        deployments: all.deployments.replace(/\/$/, ''),
      }
    : undefined;
};

/** A script that is not the region's brings its own deployment files, as the emulator's does. */
const filesBeside = (bootstrap: string, regional: AllEndpoints | undefined) => {
  const { origin } = new URL(bootstrap);
  if (regional && new URL(regional.bootstrap).origin === origin) return undefined;
  return { deployments: `${origin}/webdeployments/v1/deployments` };
};

const summary = ({ region, webchatId, secrets }: Facts): string => {
  const keys = secrets ? `, ${secrets.length} secret${secrets.length === 1 ? '' : 's'}` : '';
  return `region ${region?.aws} (${region?.domain}), deployment ${webchatId}${keys}`;
};
