// The same routes for hosts that speak `Request` and `Response`: Next route handlers, Hono, Bun, Deno.
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, type Headers as HeaderValues, notFound } from '../lib/answers.ts';
import type { FailureOf } from './failure.ts';
import type { RouteRequest } from './ports.ts';
import { readText } from './request-body.ts';
import { type Route, respond, routeEnding } from './routes.ts';

/** What the host knows of a request beside it. */
export interface FetchContext {
  /** The caller's address, as far as the host can vouch for it. It is counted for `mintsPerMinute`. */
  readonly ip?: string | undefined;
}

/** Answers a request. The path may have anything before the route: `/api/chat/config` is `/config`. */
export type FetchHandler = (request: Request, context?: FetchContext) => Promise<Response>;

export const createFetchHandler =
  (routes: ReadonlyMap<string, Route>, failureOf: FailureOf): FetchHandler =>
  async (host, { ip } = {}) => {
    const route = routeEnding(routes, new URL(host.url).pathname);
    if (!route) return responseOf(notFound, host.method);
    const request = routeRequest(host, ip);
    const cors = route.origins.cors(request);
    try {
      return responseOf(await respond(route, request), host.method, cors);
    } catch (error) {
      return responseOf(failureOf(error, request).answer, host.method, cors);
    }
  };

const routeRequest = (request: Request, address: string | undefined): RouteRequest => ({
  method: request.method,
  headers: headersOf(request),
  host: request,
  address,
  query: () => new URL(request.url).searchParams,
  readBody: async (max) =>
    request.body && !request.bodyUsed
      ? readText(request.body as unknown as AsyncIterable<Uint8Array>, max)
      : '',
  signal: () => request.signal,
  trace: undefined,
});

/**
 * A `Request` has no `Host` header of its own everywhere: its URL says where it went. Compression is the host's: Next takes
 * `Content-Encoding` away from what a route handler answers, and leaves the body.
 */
const headersOf = ({ headers, url }: Request): IncomingHttpHeaders => ({
  host: new URL(url).host,
  ...Object.fromEntries(headers),
  'accept-encoding': undefined,
});

const responseOf = (
  { status, headers, body, setCookie }: Answer,
  method: string,
  cors?: HeaderValues,
): Response => {
  const all = new Headers({ ...headers, ...cors });
  if (setCookie !== undefined) all.append('Set-Cookie', setCookie);
  const empty = method === 'HEAD' || body === undefined;
  return new Response(empty ? null : body, { status, headers: all });
};
