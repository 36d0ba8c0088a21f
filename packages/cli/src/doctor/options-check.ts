// Checks the options as the server itself does, and keeps what of them is right for the checks that follow.
import { type Region, regionHosts, resolveRegion } from '@genesys-guest/common';
import {
  ConfigurationError,
  type FieldError,
  type GenesysGuestOptions,
  genesysGuest,
} from '@genesys-guest/server';
import { type Finding, fail, type Platform, pass, warn } from './check.ts';
import type { Flags } from './flags.ts';
import type { Run } from './runner.ts';

const OAUTH = 'Genesys Cloud has it under Admin > Integrations > OAuth.';

/** What the environment sets, and where it comes from. */
const FIELDS = {
  region: ['GENESYSCLOUD_REGION', 'It is that of the organisation.'],
  clientId: ['GENESYSCLOUD_OAUTHCLIENT_ID', OAUTH],
  clientSecret: ['GENESYSCLOUD_OAUTHCLIENT_SECRET', OAUTH],
  webchatId: [
    'GENESYS_GUEST_WEBCHAT_ID',
    'Genesys Cloud has it under Admin > Message > Messenger Deployments.',
  ],
  secrets: ['GENESYS_GUEST_SECRETS', 'It must be the same on every instance.'],
} as const;

type Field = keyof typeof FIELDS;

const variableOf = (field: Field): string | undefined => process.env[FIELDS[field][0]]?.trim() || undefined;

/** The option that an issue is about, by its name or by its environment variable's. */
const fieldOf = (name: string): Field | undefined =>
  (Object.keys(FIELDS) as Field[]).find(
    (field) => name === field || name.replace(/\[\d+\]$/, '') === FIELDS[field][0],
  );

export const options = async ({ learn, need }: Run) => {
  const facts = need();
  const { issues, warnings } = await validate(facts);
  const wrong = issues.map(({ field }) => fieldOf(field));
  const region = resolveRegion(variableOf('region') ?? '');
  // The platform knows nothing of the cookie's keys.
  const platform = region && wrong.every((field) => field === 'secrets') && platformOf(region, facts);
  if (platform) learn({ platform });
  return [
    platform && wrong.length === 0 && pass(`All that is needed is set: ${summary(platform)}`),
    ...issues.map(issueFinding),
    ...warnings.map((text) => warn(...split(capitalize(text), 'Correct it before the site goes live.'))),
    facts.redisInPlainSight && IN_PLAIN_SIGHT,
  ];
};

const IN_PLAIN_SIGHT = warn(
  'The password of Redis stands on the command line, where ps shows it',
  'Put the URL into an environment variable and write --redis env:REDIS_URL.',
);

const issueFinding = ({ field: name, message }: FieldError): Finding => {
  const field = fieldOf(name);
  const [what, fix] = split(`${name} ${message}`, field ? '' : 'Correct it as said.');
  return fail(what, `${fix} ${field ? FIELDS[field][1] : ''}`.trim());
};

const capitalize = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** "what is wrong: what to do", as the server's messages are built. */
const split = (text: string, otherwise: string): [what: string, fix: string] => {
  const [, what = text, fix] = /^(.+?)[:;] (.+)$/.exec(text) ?? [];
  return [what, fix ? `${capitalize(fix)}.` : otherwise];
};

const validate = async ({ source, endpoints, emulator, redis }: Flags) => {
  const issues: FieldError[] = [];
  const warnings: string[] = [];
  const quiet = () => {};
  // What comes from outside the types is checked by the server itself, which reads the environment.
  const given = {
    ...(emulator && !variableOf('clientId') && { clientId: EMULATOR.clientId }),
    ...(emulator && !variableOf('clientSecret') && { clientSecret: EMULATOR.clientSecret }),
    source,
    // The server has no need of the deployments' public files.
    endpoints: { ...endpoints, deployments: undefined },
    logger: { debug: quiet, info: quiet, error: quiet, warn: (text: string) => warnings.push(text) },
  } as GenesysGuestOptions;
  try {
    await genesysGuest(given).close();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    issues.push(...error.errors);
  }
  // Random ones are good for one process alone.
  if (redis && !variableOf('secrets') && !issues.some(({ field }) => field === 'secrets')) {
    const message = 'are missing, and a shared store needs them: set GENESYS_GUEST_SECRETS';
    issues.push({ field: 'secrets', message });
  }
  return { issues, warnings };
};

/** The emulator's own OAuth client. */
const EMULATOR = { clientId: 'emulator-client', clientSecret: 'emulator-secret' };

const platformOf = (region: Region, { endpoints }: Flags): Platform => ({
  region,
  endpoints: { ...regionHosts(region), ...endpoints },
  webchatId: variableOf('webchatId') ?? '',
  clientId: variableOf('clientId') ?? EMULATOR.clientId,
  clientSecret: variableOf('clientSecret') ?? EMULATOR.clientSecret,
});

const summary = ({ region, webchatId }: Platform): string => {
  const count = (variableOf('secrets') ?? '').split(',').filter((secret) => secret.trim()).length;
  const secrets = count > 0 ? `, ${count} secret${count === 1 ? '' : 's'}` : '';
  return `region ${region.aws} (${region.domain}), deployment ${webchatId}${secrets}`;
};
