// For tests: the provider that everybody knows, set up as ours is, to compare what both refuse.
import { createPrivateKey } from 'node:crypto';
import { vi } from 'vitest';
import { APP_REDIRECT, CLIENT_ID, CLIENT_SECRET, challengeOf, KEY, MEMBER, VERIFIER } from './rig.ts';

const SCOPE = 'openid email profile';

const CONFIGURATION = {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [APP_REDIRECT],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_id: 'another-client',
      client_secret: CLIENT_SECRET,
      redirect_uris: [APP_REDIRECT],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  jwks: { keys: [createPrivateKey(KEY).export({ format: 'jwk' })] },
  cookies: { keys: ['a key of cookies'] },
  responseTypes: ['code'],
  pkce: { required: () => true },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email'], profile: ['given_name', 'family_name'] },
  conformIdTokenClaims: false,
  allowOmittingSingleRegisteredRedirectUri: false,
  renderError: (ctx: { type: string; body: unknown }, answer: object) =>
    Object.assign(ctx, { type: 'json', body: answer }),
  features: { devInteractions: { enabled: false } },
  findAccount: (_: unknown, accountId: string) => ({
    accountId,
    claims: () => ({ sub: accountId, ...MEMBER.claims }),
  }),
};

export const createOracle = async (issuer: string) => {
  // It warns of what a test does not need: of this Node version when it loads, then of its defaults.
  for (const method of ['warn', 'info'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, CONFIGURATION);

  /** A code as its authorization endpoint would give it, without the pages that a person would click through. */
  const issue = async ({ clientId = CLIENT_ID, nonce = 'nonce-1' } = {}): Promise<string> => {
    const accountId = MEMBER.externalId;
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(SCOPE);
    const grantId = await grant.save();
    const code = new provider.AuthorizationCode({
      accountId,
      grantId,
      nonce,
      gty: 'authorization_code',
      client: await provider.Client.find(clientId),
      redirectUri: APP_REDIRECT,
      scope: SCOPE,
      codeChallenge: challengeOf(VERIFIER),
      codeChallengeMethod: 'S256',
    });
    return code.save();
  };
  return { handler: provider.callback(), issue };
};
