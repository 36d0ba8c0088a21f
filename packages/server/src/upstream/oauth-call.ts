// Asks for an access token: OAuth 2.0 client credentials (RFC 6749, section 4.4).
import { z } from 'zod';
import type { Answer, Request } from './http-client.ts';
import type { AccessToken } from './ports.ts';
import { FailedTry } from './retry.ts';
import { nonsense, parseJson } from './upstream-error.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const grant = z.object({
  // What a header can carry.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
});

export const oauthRequest = (url: string, { clientId, clientSecret }: Credentials): Request => ({
  url,
  headers: {
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  },
  body: 'grant_type=client_credentials',
});

/** @param askedAt when the request was made: its answer's seconds count from there. @throws FailedTry */
export const readGrant = (answer: Answer, askedAt: number): AccessToken => {
  const parsed = grant.safeParse(parseJson(answer.text));
  if (!parsed.success) throw new FailedTry(nonsense('oauth', answer, 'the answer is not an access token'));
  return {
    value: parsed.data.access_token,
    issuedAt: askedAt,
    expiresAt: askedAt + parsed.data.expires_in * 1_000,
  };
};
