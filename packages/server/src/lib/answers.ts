// What is answered, and how it is written in one go beside the headers that the site's own middleware has set.
import type { ServerResponse } from 'node:http';
import { PROBLEMS, type Problem, type ProblemCode } from '@genesys-guest/common';
import type { GuestTokenError } from './errors.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  /** `Vary` is among them, to be joined with what the site has set. */
  readonly headers: Headers;
  readonly body?: string | Buffer;
  readonly setCookie?: string | undefined;
  /** The same for everyone and kept by shared caches, so no cookie may be sent with it. */
  readonly shared?: boolean;
}

const PRIVATE: Headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Cookie, Origin',
};
export const JSON_HEADERS: Headers = { ...PRIVATE, 'Content-Type': 'application/json; charset=utf-8' };
const PROBLEM_HEADERS: Headers = { ...PRIVATE, 'Content-Type': 'application/problem+json; charset=utf-8' };

/** Does nothing if the request has been answered already or the caller has gone. */
export const send = (
  { method }: { readonly method?: string | undefined },
  res: ServerResponse,
  answer: Answer,
  cors?: Headers,
): void => {
  if (res.headersSent || res.destroyed) return;
  const { status, body, setCookie, shared } = answer;
  const headers: Record<string, string | number | string[]> = { ...answer.headers, ...cors };
  headers['Vary'] = varyOf(res, answer.headers);
  if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
  // Sessions and the like set cookies of their own, which `writeHead` would replace.
  if (setCookie !== undefined) {
    headers['Set-Cookie'] = [res.getHeader('Set-Cookie') ?? [], setCookie].flat().map(String);
  }
  if (shared) res.removeHeader('Set-Cookie');
  // Sessions also set theirs in a `writeHead` that they put on the response: that of its class knows none of it.
  const { writeHead } = (shared ? Object.getPrototypeOf(res) : res) as ServerResponse;
  writeHead.call(res, status, headers);
  res.end(method === 'HEAD' ? undefined : body);
};

/** For an answer that the site's own error handling will write. */
export const markPrivate = (res: ServerResponse, cors: Headers | undefined): void => {
  const headers: Headers = { ...PRIVATE, ...cors, Vary: varyOf(res, PRIVATE) };
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
};

const varyOf = (res: ServerResponse, { Vary: own = '' }: Headers): string => {
  const present = res.getHeader('Vary');
  return present === undefined ? own : `${present}, ${own}`;
};

export const json = (body: string, setCookie?: string): Answer => ({
  status: 200,
  headers: JSON_HEADERS,
  body,
  setCookie,
});

export const empty = (headers: Headers = {}, setCookie?: string): Answer => ({
  status: 204,
  headers: { ...PRIVATE, ...headers },
  setCookie,
});

const problemOf = (body: Pick<Problem, 'type' | 'title' | 'status'>, headers?: Headers): Answer => ({
  status: body.status,
  headers: { ...PROBLEM_HEADERS, ...headers },
  body: JSON.stringify(body),
});

export const notFound = problemOf({ type: 'about:blank', title: 'Not Found', status: 404 });

export const unauthorized = problemOf(
  { type: 'about:blank', title: 'Unauthorized', status: 401 },
  {
    'WWW-Authenticate': 'Bearer',
  },
);

/** What an answer may say where the error's own message is for the operator or the site's developers. */
const PUBLIC_DETAIL: Partial<Record<ProblemCode, string>> = {
  identify_failed: "The site's own code failed or took too long. Its log says more.",
  upstream_rejected: 'Genesys Cloud refused this site. The log of the site says why.',
  upstream_limited: 'Too many tokens are asked for at once. Ask again later.',
  upstream_unavailable: 'Genesys Cloud does not answer as it should. Ask again later.',
};

/** A failure as RFC 9457 has it. */
export const problem = (error: GuestTokenError, headers?: Headers): Answer => {
  const { code, retryAfter, errors } = error;
  const { status, title } = PROBLEMS[code];
  const body: Problem = {
    type: `urn:genesys-guest:problem:${code}`,
    title,
    status,
    code,
    detail: PUBLIC_DETAIL[code] ?? error.message,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(errors && { errors }),
  };
  const wait: Headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  // A body may be there that nobody reads: the connection ends with the answer.
  const end: Headers = code === 'request_invalid' ? { Connection: 'close' } : {};
  return problemOf(body, { ...headers, ...wait, ...end });
};
