// A call to the platform that failed: how it counts, what happened and what to do, in words for the operator.
import { hostAndPort, networkError } from '@genesys-guest/common';
import { z } from 'zod';
import { GuestTokenError } from '../lib/errors.ts';
import type { Call, CallFailure } from '../observe/ports.ts';
import type { HttpAnswer, HttpError } from './http-client.ts';
import { LONGEST_PAUSE } from './sliding-window.ts';

/** How a failure counts. */
export interface Failure extends CallFailure {
  /**
   * `final`: the same call will fail again. `credentials`: the token or secret is not taken. `limited`: too many calls.
   * `transient`: the platform is down or talks nonsense. `host`: the site's own function for the secret failed.
   */
  readonly kind: 'final' | 'credentials' | 'limited' | 'transient' | 'host';
  readonly call: Call;
  /** The platform may have issued a token all the same: nobody will know. */
  readonly doubtful?: boolean | undefined;
}

/** Holds no word of an answer: a gateway may repeat in it what it was sent, escaped in whatever way. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** Both shapes of error body in one: the API's, and OAuth's after RFC 6749. */
const errorBody = z.object({
  code: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  contextId: z.string().optional().catch(undefined),
});

/** What may be repeated of an answer: the error codes of RFC 6749 (5.2) and those that Genesys publishes for its API. */
const KNOWN_CODES: ReadonlySet<unknown> = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope'],
  ...['unauthorized_client', 'unsupported_grant_type'],
  ...['bad.request', 'invalid.value', 'invalid.date', 'not.found', 'unsupported.media.type'],
  ...['authentication.required', 'bad.credentials', 'credentials.expired'],
  ...['not.authorized', 'missing.permissions', 'missing.any.permissions'],
  ...['too.many.requests', 'too.many.requests.retry.after', 'internal.server.error'],
  ...['service.unavailable', 'request.timeout', 'authentication.request.timeout'],
]);

/** The platform's ids of calls are UUIDs. Whatever else stands in their place might be an echo. */
const UUID = /^[\da-f]{8}(-?[\da-f]{4}){3}-?[\da-f]{12}$/i;

const correlationIdOf = ({ headers }: HttpAnswer, contextId?: string): string | undefined =>
  [headers['inin-correlation-id'], contextId].map(String).find((id) => UUID.test(id));

/** @param hint what the one who asked knows of it, in front of the fix */
export const errorOfAnswer = (
  call: Call,
  answer: HttpAnswer,
  retryAfter?: number | undefined,
  hint = '',
): UpstreamError => {
  const { status } = answer;
  const { code, error, contextId } = errorBody.safeParse(parseJson(answer.text)).data ?? {};
  const known = [code, error].find((word) => KNOWN_CODES.has(word));
  const doubtful = call === 'guest-tokens' && (status === 408 || status === 504);
  return new UpstreamError({
    kind: kindOf(status),
    call,
    status,
    reason: `HTTP ${status}${known ? `: ${known}` : ''}${doubtful ? DOUBT : ''}`,
    fix: `${hint}${fixOf(call, status)}`,
    correlationId: correlationIdOf(answer, contextId),
    retryAfter,
    doubtful,
  });
};

const DOUBT = '; it may have issued a token all the same';

/** The call got no answer, or none to be read. */
export const errorOfHttp = (call: Call, url: string, { kind, sent, cause, message }: HttpError) => {
  const where = hostAndPort(url);
  const { code, what, fix } = networkError(cause);
  const isNetwork = kind === 'network';
  const doubtful = call === 'guest-tokens' && sent;
  return new UpstreamError({
    kind: 'transient',
    call,
    reason: `${kind}: ${where} ${isNetwork ? `${what} (${code})` : message}${doubtful ? DOUBT : ''}`,
    fix: isNetwork
      ? fix
      : 'Check proxy and firewall between this server and Genesys Cloud; it is tried again.',
    doubtful,
  });
};

/** An answer that came with a good status and makes no sense. */
export const nonsense = (call: Call, answer: HttpAnswer, what: string): UpstreamError =>
  new UpstreamError({
    kind: 'transient',
    call,
    status: answer.status,
    reason: `HTTP ${answer.status}: ${what}`,
    fix: 'Check that the endpoint is the right one and that no proxy answers in its place.',
    correlationId: correlationIdOf(answer),
    doubtful: call === 'guest-tokens',
  });

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const kindOf = (status: number): Failure['kind'] => {
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

/** What the callers of guest tokens see of it. */
export const toGuestTokenError = (error: unknown): GuestTokenError => {
  if (error instanceof GuestTokenError) return error;
  if (!(error instanceof UpstreamError)) return unavailable('The call failed before it left');
  const { kind, call, reason, fix, correlationId, retryAfter = 0 } = error.failure;
  const message = `The ${call === 'oauth' ? 'OAuth' : 'guest-token'} call failed. ${reason}. ${fix}`;
  // Longer is not believed: one call goes to see by then.
  const named = Math.min(retryAfter, LONGEST_PAUSE / 1_000);
  if (kind === 'final' || kind === 'credentials') {
    return new GuestTokenError('upstream_rejected', message, { correlationId });
  }
  return (kind === 'limited' ? limited : unavailable)(message, named || undefined, correlationId);
};

export const limited = (message: string, retryAfter = 10, correlationId?: string): GuestTokenError =>
  new GuestTokenError('upstream_limited', message, { retryAfter, correlationId });

/** @param retryAfter seconds; those that a caller is told where the platform named none, or 0 */
export const unavailable = (message: string, retryAfter = 5, correlationId?: string): GuestTokenError =>
  new GuestTokenError('upstream_unavailable', message, { retryAfter, correlationId });

export const closed = (): GuestTokenError => unavailable('The guest tokens are closed');
