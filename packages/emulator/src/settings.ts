// What an emulator can be told, with its defaults, checked before it starts.
import { settleUnknown, type Unknown, unknownFaults } from './unknown.ts';

/** What the deployment says of Messenger's launcher: always there, shown by `Launcher.show`, or never. */
export type LauncherVisibility = 'On' | 'OnDemand' | 'Off';

/** Whether deployments know signed-in members: not at all, nobody else, or anonymous visitors who may sign in later. */
export type AuthMode = 'off' | 'required' | 'upgrade';

/** What happens to the visitor when an agent disconnects: nothing, the news of it, or a conversation to read only. */
export type ConversationDisconnect = 'Off' | 'Send' | 'ReadOnly';

/** The integration "OpenID Connect Messenger Configuration": the provider at which codes are redeemed. */
export interface OidcIntegration {
  /** URL of the provider's `/.well-known/openid-configuration`. */
  readonly discoveryUri: string;
  /** The id that Genesys Cloud has there. */
  readonly clientId: string;
  /** Its secret. */
  readonly clientSecret: string;
}

/** What `startEmulator` takes. */
export interface EmulatorOptions {
  /** Port to listen on. Default 0: any free one. */
  readonly port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The OAuth client's id. Default `emulator-client`. */
  readonly clientId?: string | undefined;
  /** The OAuth client's secret. Default `emulator-secret`. */
  readonly clientSecret?: string | undefined;
  /** Scopes that the OAuth client has. Default: both that guest tokens need. */
  readonly scopes?: readonly string[] | undefined;
  /** Deployments that exist. Default: any that is asked for. */
  readonly webchatIds?: readonly string[] | undefined;
  /** Longest life of a guest token in seconds, whatever was asked for. Default: as asked. */
  readonly tokenLifetime?: number | undefined;
  /** Life of an access token in seconds, 300 to 172,800 as on the platform. Default 86,400. */
  readonly accessTokenLifetime?: number | undefined;
  /** Guest-token calls that one access token may make in a minute. Default 300; `Infinity` for no limit. */
  readonly rateLimit?: number | undefined;
  /** Domains whose pages may show Messenger, with their subdomains. Default: all. */
  readonly allowedDomains?: readonly string[] | undefined;
  /** Default `On`. */
  readonly launcher?: LauncherVisibility | undefined;
  /** Status of every deployment. Default `Active`. */
  readonly deploymentStatus?: 'Active' | 'Inactive' | undefined;
  /** Whether deployments are headless: services without a launcher or a window. Default false. */
  readonly headless?: boolean | undefined;
  /** Authentication of every deployment. Default `off`. */
  readonly auth?: AuthMode | undefined;
  /** The provider of `auth`. May also be set later, by `emulator.setOidc`: until then every code is refused. */
  readonly oidc?: OidcIntegration | undefined;
  /** Life of a member's refresh token in seconds, 900 to 7,776,000. Default 86,400. */
  readonly refreshTokenLifetime?: number | undefined;
  /** Whether visitors may clear their conversation. Default true. */
  readonly clearConversation?: boolean | undefined;
  /** Default `ReadOnly`. */
  readonly conversationDisconnect?: ConversationDisconnect | undefined;
  /** What is not known of the platform, as you want it; see `Unknown`. */
  readonly unknown?: Partial<Unknown> | undefined;
  /** Milliseconds before any answer. Default 0. */
  readonly latency?: number | undefined;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly webchatIds: readonly string[] | undefined;
  readonly tokenLifetime: number;
  readonly accessTokenLifetime: number;
  readonly rateLimit: number;
  readonly allowedDomains: readonly string[] | undefined;
  readonly launcher: LauncherVisibility;
  readonly deploymentStatus: 'Active' | 'Inactive';
  readonly headless: boolean;
  readonly auth: AuthMode;
  readonly oidc: OidcIntegration | undefined;
  readonly refreshTokenLifetime: number;
  readonly clearConversation: boolean;
  readonly conversationDisconnect: ConversationDisconnect;
  readonly unknown: Unknown;
  readonly latency: number;
  readonly now: () => number;
}

/** The scopes of the guest-token endpoint. */
export const SCOPES = ['webchat:guest-token:create', 'webchat:guest-token:read'] as const;

/** @throws RangeError that names every option which is out of range, and its range */
export const settle = (options: EmulatorOptions): Settings => {
  const settings: Settings = {
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    clientId: options.clientId ?? 'emulator-client',
    clientSecret: options.clientSecret ?? 'emulator-secret',
    scopes: options.scopes ?? SCOPES,
    webchatIds: options.webchatIds,
    tokenLifetime: options.tokenLifetime ?? Number.POSITIVE_INFINITY,
    accessTokenLifetime: options.accessTokenLifetime ?? 86_400,
    rateLimit: options.rateLimit ?? 300,
    allowedDomains: options.allowedDomains,
    launcher: options.launcher ?? 'On',
    deploymentStatus: options.deploymentStatus ?? 'Active',
    headless: options.headless ?? false,
    auth: options.auth ?? 'off',
    oidc: options.oidc,
    refreshTokenLifetime: options.refreshTokenLifetime ?? 86_400,
    clearConversation: options.clearConversation ?? true,
    conversationDisconnect: options.conversationDisconnect ?? 'ReadOnly',
    unknown: settleUnknown(options.unknown),
    latency: options.latency ?? 0,
    now: options.now ?? Date.now,
  };
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new RangeError(`The emulator cannot start: ${faults.join('; ')}`);
  return settings;
};

const faultsOf = (settings: Settings): string[] => {
  const { port, tokenLifetime, accessTokenLifetime, rateLimit, launcher, deploymentStatus, latency } =
    settings;
  const { auth, refreshTokenLifetime, conversationDisconnect } = settings;
  const faults: string[] = [];
  const expect = (good: boolean, name: string, range: string) => {
    if (!good) faults.push(`${name} must be ${range}`);
  };
  expect(Number.isInteger(port) && port >= 0 && port <= 65_535, 'port', 'a whole number from 0 to 65535');
  expect(tokenLifetime > 0, 'tokenLifetime', 'more than 0 seconds');
  expect(
    accessTokenLifetime >= 300 && accessTokenLifetime <= 172_800,
    'accessTokenLifetime',
    '300 to 172800 seconds',
  );
  expect(rateLimit >= 1, 'rateLimit', 'at least 1 call a minute');
  expect(['On', 'OnDemand', 'Off'].includes(launcher), 'launcher', 'On, OnDemand or Off');
  expect(['Active', 'Inactive'].includes(deploymentStatus), 'deploymentStatus', 'Active or Inactive');
  expect(['off', 'required', 'upgrade'].includes(auth), 'auth', 'off, required or upgrade');
  expect(
    refreshTokenLifetime >= 900 && refreshTokenLifetime <= 7_776_000,
    'refreshTokenLifetime',
    '900 to 7776000 seconds',
  );
  expect(
    ['Off', 'Send', 'ReadOnly'].includes(conversationDisconnect),
    'conversationDisconnect',
    'Off, Send or ReadOnly',
  );
  expect(latency >= 0 && latency <= 600_000, 'latency', '0 to 600000 milliseconds');
  return [...faults, ...oidcFaults(settings.oidc), ...unknownFaults(settings.unknown)];
};

/** What is wrong with an integration; empty where there is none. */
export const oidcFaults = (oidc: OidcIntegration | undefined): string[] => {
  if (oidc === undefined) return [];
  const { discoveryUri, clientId, clientSecret } = oidc;
  return [
    ...(/^https?:/.test(discoveryUri ?? '') && URL.canParse(discoveryUri)
      ? []
      : ['oidc.discoveryUri must be an http or https URL']),
    ...(typeof clientId === 'string' && clientId !== '' ? [] : ['oidc.clientId must be a text']),
    ...(typeof clientSecret === 'string' && clientSecret !== '' ? [] : ['oidc.clientSecret must be a text']),
  ];
};

/** Whether a deployment of this id exists. */
export const isDeployment = ({ webchatIds }: Settings, id: string): boolean =>
  id !== '' && (webchatIds === undefined || webchatIds.includes(id));
