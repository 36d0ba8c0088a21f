// The request handler for Express and node:http: finds the route, and writes its answer or its failure.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, markPrivate, notFound, send } from '../lib/answers.ts';
import { isPromise } from '../lib/promise.ts';
import { startRequestSpan } from '../observe/spans.ts';
import type { FailureOf } from './failure.ts';
import { nodeRequest } from './node-request.ts';
import { type Route, respond, routeAt, routeEnding } from './routes.ts';

export type Next = (error?: unknown) => void;
export type RequestHandler<Req extends IncomingMessage = IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: Next,
) => void;

export const createHandler =
  (routes: ReadonlyMap<string, Route>, failureOf: FailureOf): RequestHandler =>
  (req, res, next) => {
    const path = pathOf(req);
    // A bare server keeps the mount path in the URL, and there nobody else has routes that could end alike.
    const route = next ? (routeAt(routes, path) ?? routeByParams(routes, req)) : routeEnding(routes, path);
    if (!route) {
      if (next) next();
      else send(req, res, notFound);
      return;
    }
    const request = nodeRequest(req, res, startRequestSpan(req, res, route.path));
    const cors = route.origins.cors(request);
    const done = (answer: Answer): void => send(req, res, answer, cors);
    const failed = (error: unknown): void => {
      if (res.headersSent || res.destroyed) return;
      const { ofHost, answer } = failureOf(error, request);
      if (next && ofHost) {
        markPrivate(res, cors);
        next(error);
      } else done(answer);
    };
    try {
      const answer = respond(route, request);
      if (!isPromise(answer)) {
        done(answer);
        return;
      }
      // What other middleware of the site throws as we write goes to the site's error handling, too.
      answer
        .then(done)
        .catch(failed)
        .catch(() => res.destroy());
    } catch (error) {
      failed(error);
    }
  };

/** What Express adds to a request that one of its routes has taken, as `app.all('/chat/*splat', guest)` does. */
interface RoutedRequest {
  readonly route?: unknown;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
}

/** `app.use` has taken the mount path away. */
const pathOf = ({ url = '' }: IncomingMessage): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};

/**
 * A route of Express keeps the mount path in the URL; what is below it is one of `params`. Asked second: a route that ran
 * before us and called `next()`, as `app.all('*', …)` does, is still on the request.
 */
const routeByParams = (routes: ReadonlyMap<string, Route>, req: IncomingMessage): Route | undefined => {
  const { route, params = {} } = req as RoutedRequest;
  if (route === undefined) return undefined;
  const paths = Object.values(params).map((value) => `/${[value].flat().join('/')}`);
  return paths.map((path) => routeAt(routes, path)).findLast((found) => found !== undefined);
};
