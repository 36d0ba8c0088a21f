// One mount: its routes, and the ways in which hosts reach them.
import type { Endpoint } from '../members/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { createFailureOf } from './failure.ts';
import { createFetchHandler } from './fetch-handler.ts';
import { createHandler } from './handler.ts';
import { memberRoutes } from './member-routes.ts';
import { createOriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import { createRoutes, type RoutesContext } from './routes.ts';
import { createSiteVisitor } from './site-visitor.ts';
import { createIdentify, createVisitorOf, type FactsOf } from './visitor.ts';
import { createVisitorCookie } from './visitor-cookie.ts';

export interface MountContext extends Pick<RoutesContext, 'scripts' | 'counter' | 'count'> {
  /** There are never tokens, so visitors need not be told apart and get no cookie. */
  readonly cookieless: boolean;
  /** The endpoints of signed-in members and of proofs, where the site has them. */
  readonly endpoints?: readonly Endpoint[];
  /** What pages are told of a guest beside the token. */
  readonly factsOf?: FactsOf | undefined;
}

export const createMount = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  { endpoints = [], factsOf, ...context }: MountContext,
) => {
  const origins = createOriginRules(options);
  const cookie = context.cookieless ? undefined : createVisitorCookie(options);
  const failureOf = createFailureOf(options.log, context.count);
  const identify = createIdentify(options.identify);
  const visitorOf = createVisitorOf(identify, cookie);
  const routes = createRoutes(service, options, {
    ...context,
    origins,
    cookie,
    visitorOf,
    factsOf,
    memberRoutes: memberRoutes(endpoints, options, identify),
  });
  return {
    handler: createHandler(routes, failureOf),
    fetch: createFetchHandler(routes, failureOf),
    visitor: createSiteVisitor(service, options.webchatId, visitorOf),
  };
};
