// Redeems what a page was given by its OpenID provider, and believes nothing that is not proven.
import * as client from 'openid-client';
import type { OidcIntegration } from '../settings.ts';
import type { Unknown } from '../unknown.ts';
import type { Member } from './logins.ts';
import {
  askProvider,
  type ProviderCall,
  type ProviderFetchParts,
  type ProviderRequest,
} from './provider-fetch.ts';

/** `oauth` of the exchange's body, as the page's `AuthProvider` gave it to Messenger. */
export interface OAuthParameters {
  readonly code?: string | undefined;
  readonly idToken?: string | undefined;
  readonly redirectUri?: string | undefined;
  readonly nonce?: string | undefined;
  readonly maxAge?: number | undefined;
  readonly codeVerifier?: string | undefined;
  readonly iss?: string | undefined;
}

export interface Redeemed {
  readonly member: Member;
  /** The provider's, in seconds. */
  readonly expiresIn: number;
}

export interface Provider {
  /** @throws Error that says why the provider or what it gave is not believed, without a secret */
  redeem(oauth: OAuthParameters): Promise<Redeemed>;
}

export interface ProviderParts extends Omit<ProviderFetchParts, 'timeout'> {
  readonly unknown: Unknown;
  readonly now: () => number;
  /** The integration of this moment. */
  readonly oidc: () => OidcIntegration | undefined;
}

type Ask = (url: string, request: ProviderRequest) => Promise<Response>;

interface Discovered {
  readonly metadata: client.ServerMetadata;
  readonly for: OidcIntegration;
  readonly at: number;
  keys: client.ExportedJWKSCache | undefined;
}

const DISCOVERY = '/.well-known/openid-configuration';
/** Where the provider names no `expires_in`. */
const EXPIRES_IN = 900;

export const createProvider = (parts: ProviderParts): Provider => {
  const { unknown, now } = parts;
  let known: Discovered | undefined;
  const ask = (call: ProviderCall, url: string, request: ProviderRequest) =>
    askProvider({ ...parts, timeout: unknown.providerTimeout }, call, url, request);

  const discover = async (oidc: OidcIntegration): Promise<Discovered> => {
    const age = now() - (known?.at ?? Number.NEGATIVE_INFINITY);
    if (known?.for === oidc && age >= 0 && age < unknown.keysCachedFor * 1000) return known;
    const response = await ask('discovery', oidc.discoveryUri, { redirect: 'error' });
    if (!response.ok) throw new Error(`discovery answered ${response.status}`);
    const metadata = (await response.json()) as client.ServerMetadata;
    if (`${String(metadata.issuer).replace(/\/$/, '')}${DISCOVERY}` !== oidc.discoveryUri) {
      throw new Error('the issuer of the discovery document is not where the document was found');
    }
    known = { metadata, for: oidc, at: now(), keys: undefined };
    return known;
  };

  const redeem = async (oauth: OAuthParameters): Promise<Redeemed> => {
    const oidc = parts.oidc();
    if (oidc === undefined) throw new Error('the emulator has no OpenID integration: give it `oidc`');
    if ((oauth.code ?? oauth.idToken ?? '') === '')
      throw new Error('there is neither a code nor an ID token');
    if ((oauth.code?.length ?? 0) > unknown.longestCode) throw new Error('the code is too long');
    const found = await discover(oidc);
    const config = configure(parts, oidc, found, ask, oauth.redirectUri);
    const tokens = oauth.code === undefined ? await implicit(config, oauth) : await grant(config, oauth);
    found.keys = client.getJwksCache(config) ?? found.keys;
    const { claims, accessToken, expiresIn } = tokens;
    if (claims === undefined) throw new Error('the provider gave no ID token');
    const more =
      unknown.userinfo && accessToken !== undefined
        ? await client.fetchUserInfo(config, accessToken, claims.sub)
        : {};
    return {
      member: memberOf({ ...more, ...claims }, unknown.longestSub),
      expiresIn: expiresIn ?? EXPIRES_IN,
    };
  };

  return {
    redeem: (oauth) =>
      redeem(oauth).catch((error: unknown) => {
        throw new Error(reasonOf(error));
      }),
  };
};

/** The library's, for one exchange: by our clock, over our fetch, with every signature checked. */
const configure = (
  { unknown, now }: ProviderParts,
  oidc: OidcIntegration,
  { metadata, keys }: Discovered,
  ask: (call: ProviderCall, ...rest: Parameters<Ask>) => Promise<Response>,
  redirectUri: string | undefined,
): client.Configuration => {
  const prove =
    unknown.secretMethod === 'client_secret_basic' ? client.ClientSecretBasic : client.ClientSecretPost;
  const config = new client.Configuration(
    // Mobile apps send no `iss`: one that is missing is no fault, one that is wrong is.
    { ...metadata, authorization_response_iss_parameter_supported: false },
    oidc.clientId,
    {
      id_token_signed_response_alg: 'RS256',
      [client.clockSkew]: Math.round((now() - Date.now()) / 1000),
      [client.clockTolerance]: unknown.clockSkew,
    },
    prove(oidc.clientSecret),
  );
  client.enableNonRepudiationChecks(config);
  if (oidc.discoveryUri.startsWith('http:')) client.allowInsecureRequests(config);
  if (keys) client.setJwksCache(config, { ...keys, uat: Math.floor(Date.now() / 1000) });
  const calls: Readonly<Record<string, ProviderCall>> = {
    [String(metadata.jwks_uri)]: 'jwks',
    [String(metadata.userinfo_endpoint)]: 'userinfo',
  };
  config[client.customFetch] = (url, request) => {
    // The library would write it anew ("https://shop.example" gets a slash); a provider compares it letter by letter.
    const { body } = request;
    if (body instanceof URLSearchParams && redirectUri !== undefined) body.set('redirect_uri', redirectUri);
    return ask(calls[url] ?? 'providerToken', url, request as ProviderRequest);
  };
  return config;
};

interface Proven {
  readonly claims: client.IDToken | undefined;
  readonly accessToken?: string;
  readonly expiresIn?: number | undefined;
}

const grant = async (config: client.Configuration, oauth: OAuthParameters): Promise<Proven> => {
  const callback = new URL(oauth.redirectUri ?? '');
  callback.search = new URLSearchParams({
    code: oauth.code ?? '',
    ...(oauth.iss !== undefined && { iss: oauth.iss }),
  }).toString();
  const tokens = await client.authorizationCodeGrant(config, callback, {
    idTokenExpected: true,
    ...(oauth.codeVerifier !== undefined && { pkceCodeVerifier: oauth.codeVerifier }),
    ...(oauth.nonce !== undefined && { expectedNonce: oauth.nonce }),
    ...(oauth.maxAge !== undefined && { maxAge: oauth.maxAge }),
  });
  return { claims: tokens.claims(), accessToken: tokens.access_token, expiresIn: tokens.expires_in };
};

const implicit = async (config: client.Configuration, oauth: OAuthParameters): Promise<Proven> => {
  if (oauth.nonce === undefined) throw new Error('an ID token of the implicit flow needs its nonce');
  client.useIdTokenResponseType(config);
  const callback = new URL('https://page.invalid/');
  callback.hash = new URLSearchParams({ id_token: oauth.idToken ?? '' }).toString();
  return { claims: await client.implicitAuthentication(config, callback, oauth.nonce) };
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const memberOf = (claims: Readonly<Record<string, unknown>>, longestSub: number): Member => {
  const [sub, email, givenName, familyName] = ['sub', 'email', 'given_name', 'family_name'].map((name) =>
    text(claims[name]),
  );
  if (sub === undefined || sub.length > longestSub) {
    throw new Error(`sub must have 1 to ${longestSub} characters`);
  }
  return {
    sub,
    ...(email !== undefined && { email }),
    ...(givenName !== undefined && { givenName }),
    ...(familyName !== undefined && { familyName }),
  };
};

/** The library's words and the provider's error code; never what either had in hand. */
const reasonOf = (error: unknown): string => {
  const {
    message,
    error: code,
    cause,
  } = error as {
    readonly message?: string;
    readonly error?: unknown;
    readonly cause?: { readonly code?: unknown; readonly message?: unknown };
  };
  const told = typeof code === 'string' ? `the provider answered ${code.slice(0, 64)}` : message;
  const deeper = [cause?.code, cause?.message].find((part) => typeof part === 'string' && part !== '');
  return [told ?? 'unknown', deeper].filter((part) => part !== undefined).join(': ');
};
