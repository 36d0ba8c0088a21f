// Reads the platform's refusals and says what is wrong and what to do, in words for the operator.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Call, CallFailure } from '../observe/ports.ts';
import type { Answer, ExchangeError } from './http-client.ts';

/**
 * How a failed try counts. `final`: the same call will fail again. `credentials`: the token or secret is not taken.
 * `limited`: too many calls. `transient`: the platform is down or talks nonsense. `host`: the site's own function for
 * the secret failed.
 */
export type FailureKind = 'final' | 'credentials' | 'limited' | 'transient' | 'host';

export interface Failure extends CallFailure {
  readonly kind: FailureKind;
  readonly call: Call;
  /** The platform may have made a token all the same: nobody will know. */
  readonly doubtful?: boolean | undefined;
}

/** Both shapes of error body in one, every field optional: the API's, and OAuth's after RFC 6749. */
const errorBody = z.object({
  message: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  contextId: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

const LONGEST_REASON = 300;

export const failureOfAnswer = (call: Call, answer: Answer, retryAfter: number | undefined): Failure => {
  const { status, headers, text } = answer;
  const body = errorBody.safeParse(parseJson(text)).data ?? {};
  const words = [body.code ?? body.error, body.message, body.description ?? body.error_description].filter(
    (word) => word !== undefined && word !== '',
  );
  const doubtful = call === 'guest-tokens' && (status === 408 || status === 504);
  return {
    kind: kindOf(status),
    call,
    status,
    reason: `HTTP ${status}${words.length > 0 ? `: ${clean(words.join(': '))}` : ''}${doubtful ? DOUBT : ''}`,
    fix: fixOf(call, status),
    correlationId: correlationIdOf(headers) ?? (body.contextId && clean(body.contextId)),
    retryAfter,
    doubtful,
  };
};

const DOUBT = '; it may have made a token all the same';

/** @param error how the exchange failed; `code` where the network has a name for it */
export const failureOfExchange = (call: Call, { kind, message, code, sent }: ExchangeError): Failure => {
  const doubtful = call === 'guest-tokens' && sent;
  return {
    kind: 'transient',
    call,
    reason: `${kind}: ${message}${doubtful ? DOUBT : ''}`,
    fix: fixOfNetwork(code),
    doubtful,
  };
};

const fixOfNetwork = (code = ''): string => {
  if (/CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL/.test(code)) {
    return (
      'The certificate is not trusted: check the endpoint, and where a proxy inspects TLS give its authority in ' +
      'NODE_EXTRA_CA_CERTS.'
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return 'The host name is not known: check `region` and `endpoints`, and the DNS of this server.';
  }
  return 'Check proxy and firewall between this server and Genesys Cloud; it is tried again.';
};

/** The site's own function for the secret threw, hung, or returned none. */
export const failureOfSecret = (what: string): Failure => ({
  kind: 'host',
  call: 'oauth',
  reason: `clientSecret() ${what}`,
  fix: 'Check the function that was given as `clientSecret`; it is asked again.',
});

/** An answer that came with a good status and makes no sense. */
export const nonsense = (call: Call, answer: Answer, what: string): Failure => ({
  kind: 'transient',
  call,
  status: answer.status,
  reason: `HTTP ${answer.status}: ${what}`,
  doubtful: call === 'guest-tokens',
  fix: 'Check that the endpoint is the right one and that no proxy answers in its place.',
  correlationId: correlationIdOf(answer.headers),
});

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const correlationIdOf = (headers: IncomingHttpHeaders): string | undefined => {
  const id = headers['inin-correlation-id'];
  return typeof id === 'string' ? clean(id) : undefined;
};

/** One line of bounded length, so that an answer can neither flood nor forge the log. */
const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, LONGEST_REASON)
    .trim();

const kindOf = (status: number): FailureKind => {
  if (status === 401) return 'credentials';
  if (status === 429) return 'limited';
  // A conflict or a time-out on their side may pass, and a redirect is some proxy's; the rest of 4xx will not.
  if (status >= 400 && status < 500 && status !== 408 && status !== 409) return 'final';
  return 'transient';
};

const FIXES: Readonly<Record<Call, Readonly<Record<number, string>>>> = {
  oauth: {
    400: 'Check clientId, clientSecret and that the OAuth client has the grant type Client Credentials.',
    401: 'Check clientId and clientSecret, and that `region` is the one in which the OAuth client was made.',
    403: 'Check that the OAuth client is active and may use Client Credentials.',
    404: 'Check `region` and `endpoints.oauthToken`.',
  },
  'guest-tokens': {
    400: 'The platform refused the guest: check externalId, the attributes, webchatId and tokenLifetime.',
    401: 'The platform did not take the access token: check that `region` is that of the OAuth client.',
    403: 'Give the OAuth client the scope webchat:guest-token:create, and check that it may use this webchatId.',
    404:
      'This organisation does not offer guest tokens at this endpoint: check `endpoints.guestTokens`, or set ' +
      "`source: 'none'` and let Messenger chat without them.",
  },
};

const fixOf = (call: Call, status: number): string => {
  const known = FIXES[call][status];
  if (known) return known;
  if (status === 429) return 'Lower upstream.perMinute, or ask Genesys for a higher limit; calls are paused.';
  if (status >= 500) return 'Genesys Cloud failed: see its status page; it is tried again.';
  if (status >= 300 && status < 400) return 'Redirects are not followed: set the endpoint to its final URL.';
  return 'Check the endpoint and what a proxy between might do.';
};
