// Answers as data, and errors as RFC 6749 has them.
import { type Answer, empty, type Headers, JSON_HEADERS } from '../lib/answers.ts';

/** The same for everyone, and cacheable for an hour: a new signing key is published a day before it signs. */
const PUBLIC: Headers = { ...JSON_HEADERS, 'Cache-Control': 'public, max-age=3600', Vary: 'Accept-Encoding' };

/** RFC 6749, 5.1, asks for `Pragma`. */
export const json = (body: unknown, status = 200, headers?: Headers): Answer => ({
  status,
  headers: { ...JSON_HEADERS, Pragma: 'no-cache', ...headers },
  body: JSON.stringify(body),
});

export const publicJson = (body: string): Answer => ({
  status: 200,
  headers: PUBLIC,
  body,
  shared: true,
});

/** 303, so that a POST becomes a GET. The URI is one of the operator's and is sent as it was written. */
export const redirect = (uri: string, parameters: Readonly<Record<string, string>>): Answer => {
  const query = new URLSearchParams(parameters).toString();
  return { ...empty({ Location: `${uri}${uri.includes('?') ? '&' : '?'}${query}` }), status: 303 };
};

interface OAuthErrorDetails {
  readonly status?: number;
  readonly headers?: Headers;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Refuses a request. `message` becomes `error_description`: it holds no value of the request, no quotes. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: string;
  readonly status: number;
  readonly headers: Headers;
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, { status = 400, headers, retryAfter }: OAuthErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.headers = { ...headers, ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }) };
  }
}

export const oauthError = ({ code, message, status, headers }: OAuthError): Answer =>
  json({ error: code, error_description: message }, status, headers);
