// Asks for an access token: OAuth 2.0 client credentials (RFC 6749, section 4.4).
import { z } from 'zod';
import { sleep } from '../lib/timers.ts';
import type { HttpAnswer, HttpRequest } from './http-client.ts';
import type { AccessToken } from './ports.ts';
import { nonsense, parseJson, UpstreamError } from './upstream-error.ts';

const grant = z.object({
  // What a header can carry.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
});

export const oauthRequest = (url: string, clientId: string, clientSecret: string): HttpRequest => ({
  url,
  headers: {
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  },
  body: 'grant_type=client_credentials',
});

/** @param askedAt when the request was made: its answer's seconds count from there. @throws UpstreamError */
export const readGrant = (answer: HttpAnswer, askedAt: number): AccessToken => {
  const { data } = grant.safeParse(parseJson(answer.text));
  if (!data) throw nonsense('oauth', answer, 'the answer is not an access token');
  return { value: data.access_token, issuedAt: askedAt, expiresAt: askedAt + data.expires_in * 1_000 };
};

/** What a copied credential often suffers, said without any of it. */
export const credentialHint = (clientId: string, clientSecret: string): string => {
  const isQuoted = (text: string) => /^(["']).*\1$/.test(text);
  return [
    (isQuoted(clientId) || isQuoted(clientSecret)) &&
      'Quotation marks stand around the id or the secret: take them away. ',
    clientSecret.trim() !== clientSecret && 'White space stands around the secret: trim it. ',
    clientId === clientSecret && 'The id and the secret are the same. ',
    /[*•]|^x+$|secret$/i.test(clientSecret) && 'The secret looks like a placeholder. ',
  ]
    .filter(Boolean)
    .join('');
};

/**
 * Asks the site for the secret: its function may read a vault, and fail in every way that functions can.
 * @param timeout milliseconds @param closing nobody waits any longer @throws UpstreamError that says how, and nothing of what the function said
 */
export const askSecret = async (
  clientSecret: () => unknown,
  timeout: number,
  closing: AbortSignal,
): Promise<string> => {
  const failed = (what: string) =>
    new UpstreamError({
      kind: 'host',
      call: 'oauth',
      reason: `clientSecret() ${what}`,
      fix: 'Check the function that was given as `clientSecret`; it is asked again.',
    });
  const answered = new AbortController();
  const late = sleep(timeout, AbortSignal.any([closing, answered.signal])).then(() => {
    throw failed(`gave nothing within ${Math.round(timeout)} ms`);
  });
  let secret: unknown;
  try {
    secret = await Promise.race([(async () => clientSecret())(), late]);
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    // Its message might quote a secret.
    throw failed(`threw ${error instanceof Error ? error.name : typeof error}`);
  } finally {
    answered.abort();
  }
  if (typeof secret === 'string' && secret !== '') return secret;
  throw failed(`gave ${secret === '' ? 'an empty text' : typeof secret} in place of a text`);
};
