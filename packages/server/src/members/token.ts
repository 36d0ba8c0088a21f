// `POST /oidc/token` and `/oidc/userinfo`: what Genesys Cloud asks for, server to server.
import type { Answer } from '../lib/answers.ts';
import { ACCESS_TOKEN_LIFETIME, type AccessTokens } from './access-tokens.ts';
import { json, OAuthError } from './answers.ts';
import { bearerToken } from './bearer.ts';
import { authenticateClient } from './client-auth.ts';
import type { Codes, Redeemed } from './codes.ts';
import { formParameters } from './parameters.ts';
import type { MembersOptions, MembersPorts, MembersRequest } from './ports.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Seconds. */
const ID_TOKEN_LIFETIME = 300;

interface TokenParts {
  readonly codes: Codes;
  readonly accessTokens: AccessTokens;
  readonly keys: SigningKeys;
}

export const createTokenEndpoint = (
  options: MembersOptions,
  { codes, accessTokens, keys }: TokenParts,
  { now }: Pick<MembersPorts, 'now'>,
  isEnabled: () => Promise<boolean>,
) => {
  const idToken = ({ sub, claims, nonce, authTime }: Redeemed): Promise<string> => {
    const iat = Math.floor(now() / 1_000);
    return keys.sign({
      ...claims,
      iss: options.issuer,
      sub,
      aud: options.clientId,
      iat,
      exp: iat + ID_TOKEN_LIFETIME,
      ...(nonce !== undefined && { nonce }),
      ...(authTime !== undefined && { auth_time: authTime }),
    });
  };

  return async (request: MembersRequest): Promise<Answer> => {
    const parameters = formParameters(request);
    authenticateClient(request, parameters, options);
    if (!(await isEnabled())) {
      throw new OAuthError('temporarily_unavailable', 'Members are switched off', { status: 503 });
    }
    const required = (name: string): string => {
      const value = parameters.get(name);
      if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
      return value;
    };
    if (required('grant_type') !== 'authorization_code') {
      throw new OAuthError('unsupported_grant_type', 'grant_type must be authorization_code');
    }
    const code = required('code');
    const redirectUri = required('redirect_uri');
    const verifier = parameters.get('code_verifier');
    if (verifier === undefined) throw new OAuthError('invalid_grant', 'code_verifier is missing');
    const redeemed = await codes.redeem(code, redirectUri, verifier);
    if (!redeemed) throw new OAuthError('invalid_grant', NOT_GOOD);
    return json({
      access_token: accessTokens.issue(redeemed),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_LIFETIME,
      id_token: await idToken(redeemed),
    });
  };
};

const NOT_GOOD =
  'The code is used, expired, or was issued for another client, redirect_uri, code_verifier or deployment';

/** OpenID Connect Core, 5.3. */
export const createUserinfoEndpoint =
  (accessTokens: AccessTokens) =>
  (request: MembersRequest): Answer => {
    const token = bearerToken(request);
    const member = token === undefined ? undefined : accessTokens.read(token);
    if (member) return json({ ...member.claims, sub: member.sub });
    const error = request.headers['authorization'] === undefined ? '' : ' error="invalid_token"';
    throw new OAuthError('invalid_token', 'The access token is missing, expired or not of this provider', {
      status: 401,
      headers: { 'WWW-Authenticate': `Bearer${error}` },
    });
  };
