// `POST /oauth/token` and `POST /api/v2/oauth/token`: client credentials, as the platform's login answers them.
import type { IncomingMessage } from 'node:http';
import type { AccessTokens } from './access-tokens.ts';
import { type Answer, json, methodNotAllowed, oauthRefusal } from './answer.ts';
import { readBody } from './body.ts';

export interface OAuthCloud {
  readonly settings: { readonly clientId: string; readonly accessTokenLifetime: number };
  readonly clientSecret: string;
  readonly tokens: AccessTokens;
}

export const answerOAuth = async (cloud: OAuthCloud, req: IncomingMessage): Promise<Answer> => {
  if (req.method !== 'POST') return methodNotAllowed('POST');
  const body = await readBody(req);
  if (body === undefined) return oauthRefusal(413, 'invalid_request', 'request body is too large');
  if (!isForm(req)) {
    return oauthRefusal(400, 'invalid_request', 'content type must be application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(body);
  const grant = form.get('grant_type');
  if (grant === null) return oauthRefusal(400, 'invalid_request', 'missing required parameter: grant_type');
  if (grant !== 'client_credentials') {
    return oauthRefusal(400, 'unsupported_grant_type', `grant type not supported: ${grant.slice(0, 64)}`);
  }
  if (!isClient(cloud, req.headers.authorization)) {
    return oauthRefusal(401, 'invalid_client', 'client not found or client secret wrong');
  }
  return json(
    200,
    {
      access_token: cloud.tokens.issue(),
      token_type: 'bearer',
      expires_in: cloud.settings.accessTokenLifetime,
    },
    { 'Cache-Control': 'no-store' },
  );
};

const isForm = (req: IncomingMessage): boolean =>
  (req.headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded');

const isClient = ({ settings, clientSecret }: OAuthCloud, authorization = ''): boolean => {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() !== 'basic') return false;
  const [id, ...secret] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return id === settings.clientId && secret.join(':') === clientSecret;
};
