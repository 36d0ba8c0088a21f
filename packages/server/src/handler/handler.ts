// The request handler for Express and node:http: finds the route, and writes its answer or its failure.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GuestTokenError, isGuestTokenError } from '../lib/errors.ts';
import { isPromise } from '../lib/promise.ts';
import { startRequestSpan } from '../observe/spans.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { type Answer, markPrivate, notFound, problem, send } from './answers.ts';
import { hangUpSignal } from './hang-up-signal.ts';
import { createOriginRules, type OriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import { createRoutes, type RoutesContext, respond } from './routes.ts';

export type Next = (error?: unknown) => void;
export type RequestHandler<Req extends IncomingMessage = IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: Next,
) => void;

export const createHandler = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  context: Omit<RoutesContext, 'origins'>,
): RequestHandler => {
  const origins = createOriginRules(options);
  const routes = createRoutes(service, options, { origins, ...context });
  const fail = createFail(origins, options);

  return (req, res, next) => {
    const path = pathOf(req.url ?? '');
    const route = routes.get(path);
    if (!route) {
      if (next) next();
      else send(req, res, notFound);
      return;
    }
    const failed = (error: unknown): void => fail(error, req, res, next);
    const done = (answer: Answer): void => send(req, res, answer);
    try {
      const trace = startRequestSpan(req, res, path);
      const answer = respond(route, origins, { req, trace, signal: () => hangUpSignal(res) });
      if (isPromise(answer)) {
        // What other middleware of the site throws as we write goes to the site's error handling, too.
        answer
          .then(done)
          .catch(failed)
          .catch(() => res.destroy());
      } else done(answer);
    } catch (error) {
      failed(error);
    }
  };
};

/** Faults of the site itself, which its own error handling is to see. */
const HOST_FAULTS: ReadonlySet<string> = new Set(['guest_invalid', 'identify_failed']);

const createFail =
  (origins: OriginRules, { log }: ResolvedHandlerOptions) =>
  (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next | undefined): void => {
    if (res.headersSent || res.destroyed) return;
    const ours = isGuestTokenError(error);
    if (next && (!ours || HOST_FAULTS.has(error.code))) {
      markPrivate(res, origins.cors(req));
      next(error);
      return;
    }
    if (!ours || HOST_FAULTS.has(error.code)) log('error', 'A request failed', { error: String(error) });
    const shown = ours
      ? error
      : new GuestTokenError('upstream_unavailable', 'Unexpected', { retryAfter: 30 });
    send(req, res, problem(shown, origins.cors(req)));
  };

/** Express has taken the mount path away. */
const pathOf = (url: string): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};
