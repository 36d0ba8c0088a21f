// One mount: its routes, and the ways in which hosts reach them.
import type { Tokens } from '../tokens/token-service.ts';
import { createFetchHandler, type FetchHandler } from './fetch-handler.ts';
import { createHandler, type RequestHandler } from './handler.ts';
import { createOriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import { createRoutes, type RoutesContext } from './routes.ts';
import { createSiteVisitor, type SiteVisitor } from './site-visitor.ts';
import { createVisitorOf } from './visitor.ts';
import { createVisitorCookie } from './visitor-cookie.ts';

export interface Mount {
  readonly handler: RequestHandler;
  readonly fetch: FetchHandler;
  readonly visitor: (req: unknown) => Promise<SiteVisitor | undefined>;
}

export const createMount = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  context: Pick<RoutesContext, 'bootText' | 'counter'>,
): Mount => {
  const origins = createOriginRules(options);
  // Without tokens there is nobody to tell apart, so nobody gets a cookie.
  const cookie = service.options.source === 'none' ? undefined : createVisitorCookie(options);
  const visitorOf = createVisitorOf(options.identify, cookie);
  const routes = createRoutes(service, options, { ...context, origins, cookie, visitorOf });
  return {
    handler: createHandler(routes, origins, options),
    fetch: createFetchHandler(routes, origins, options),
    visitor: createSiteVisitor(service, options.webchatId, visitorOf),
  };
};
