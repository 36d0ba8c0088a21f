// What the command line says, as options of the emulator.
import { parseArgs } from 'node:util';
import type { EmulatorOptions, OidcIntegration } from './settings.ts';
import type { Unknown } from './unknown.ts';

export const HELP = `Usage: genesys-emulator [flags]

A Genesys Cloud on loopback, for developing without an organisation.

  --port <n>                    port to listen on (default 4010; 0: any)
  --host <address>              address to listen on (default 127.0.0.1)
  --client-id <text>            the OAuth client's id (default emulator-client)
  --client-secret <text>        its secret (default emulator-secret)
  --webchat <id>                a deployment that exists; may be repeated (default: any)
  --token-lifetime <seconds>    longest life of a guest token (default: as asked for)
  --access-token-lifetime <s>   life of an access token, 300 to 172800 (default 86400)
  --rate-limit <n>              guest-token calls a minute (default 300)
  --allowed-domain <domain>     a domain whose pages may show Messenger; may be repeated (default: all)
  --launcher <visibility>       On, OnDemand or Off (default On)
  --inactive                    the deployments are inactive
  --headless                    the deployments are headless
  --auth <mode>                 signed-in members: off, required or upgrade (default off)
  --oidc-discovery <url>        the OpenID provider that redeems their codes
  --oidc-client-id <text>       the platform's client there
  --oidc-client-secret <text>   its secret
  --unknown <name=value>        how the emulator is where the platform is not known; may be repeated, see the guide
  --latency <ms>                wait before any answer (default 0)
  --help                        this
`;

export type Flags =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'start'; readonly options: EmulatorOptions };

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

const FLAGS = {
  port: text,
  host: text,
  'client-id': text,
  'client-secret': text,
  webchat: list,
  'token-lifetime': text,
  'access-token-lifetime': text,
  'rate-limit': text,
  'allowed-domain': list,
  launcher: text,
  inactive: flag,
  headless: flag,
  auth: text,
  'oidc-discovery': text,
  'oidc-client-id': text,
  'oidc-client-secret': text,
  unknown: list,
  latency: text,
  help: flag,
} as const;

export const readFlags = (args: readonly string[]): Flags => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: FLAGS,
    });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'start',
      options: {
        port: number('port', values.port) ?? 4010,
        host: values.host,
        clientId: values['client-id'],
        clientSecret: values['client-secret'],
        webchatIds: values.webchat,
        tokenLifetime: number('token-lifetime', values['token-lifetime']),
        accessTokenLifetime: number('access-token-lifetime', values['access-token-lifetime']),
        rateLimit: number('rate-limit', values['rate-limit']),
        allowedDomains: values['allowed-domain'],
        launcher: values.launcher as EmulatorOptions['launcher'],
        deploymentStatus: values.inactive ? 'Inactive' : 'Active',
        headless: values.headless,
        auth: values.auth as EmulatorOptions['auth'],
        oidc: oidcOf(values),
        unknown: values.unknown && unknownOf(values.unknown),
        latency: number('latency', values.latency),
      },
    };
  } catch (error) {
    return { kind: 'wrong', problem: (error as Error).message };
  }
};

/** The integration, if it is told of at all; members without one could never sign in. */
const oidcOf = (values: Readonly<Record<string, unknown>>): OidcIntegration | undefined => {
  const [discoveryUri, clientId, clientSecret] = ['discovery', 'client-id', 'client-secret'].map(
    (name) => values[`oidc-${name}`] as string | undefined,
  );
  const members = values['auth'] !== undefined && values['auth'] !== 'off';
  if (!members && [discoveryUri, clientId, clientSecret].every((value) => value === undefined))
    return undefined;
  if (discoveryUri === undefined || clientId === undefined || clientSecret === undefined) {
    throw new TypeError('members need --oidc-discovery, --oidc-client-id and --oidc-client-secret');
  }
  return { discoveryUri, clientId, clientSecret };
};

/** Each as JSON where it is, such as `userinfo=true`, else as a text. */
const unknownOf = (pairs: readonly string[]): Partial<Unknown> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      const value = rest.join('=');
      return [name, /^(?:true|false|\d+)$/.test(value) ? JSON.parse(value) : value];
    }),
  );

const number = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(value)) throw new TypeError(`--${name} must be a number, not '${value}'`);
  return Number(value);
};
