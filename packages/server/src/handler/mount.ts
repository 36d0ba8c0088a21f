// One mount: its routes, and the ways in which hosts reach them.
import type { Endpoint } from '../members/ports.ts';
import type { Observer } from '../observe/observer.ts';
import type { RateCounter } from '../store/ports.ts';
import { publicConfig } from '../tokens/onboarding-config.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { createFailureOf } from './failure.ts';
import { createFetchHandler } from './fetch-handler.ts';
import { createHandler } from './handler.ts';
import { memberRoutes } from './member-routes.ts';
import { createOriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import { healthAnswer, pageRoutes, type Route } from './routes.ts';
import { createScripts, type ScriptTexts } from './scripts.ts';
import { createSiteVisitor } from './site-visitor.ts';
import { createIdentify, createVisitorOf, type FactsOf } from './visitor.ts';
import { createVisitorCookie } from './visitor-cookie.ts';

export interface MountContext {
  readonly scripts: ScriptTexts;
  readonly counter: RateCounter | undefined;
  readonly count: Observer['count'];
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
  { endpoints = [], scripts, ...context }: MountContext,
) => {
  const { webchatId, allowedOrigins, health } = options;
  const origins = createOriginRules(options);
  const cookie = context.cookieless ? undefined : createVisitorCookie(options);
  const failureOf = createFailureOf(options.log, context.count);
  const identify = createIdentify(options.identify);
  const visitorOf = createVisitorOf(identify, cookie);
  const hasMembers = endpoints.some(({ path }) => path === '/auth-code');
  const base = publicConfig(service.options, webchatId, hasMembers);
  const open = new Map<string, Route['respond']>(
    createScripts(scripts, base.messenger, allowedOrigins.size > 0),
  );
  // Who has the secret is no page: the origin says nothing.
  if (health) open.set(health.path, healthAnswer(service, health.secrets));
  const fromAnywhere = { methods: ['GET'], origins: { ...origins, isForbidden: () => false } } as const;
  const all: Route[] = [
    ...pageRoutes(service, base, options, { ...context, origins, cookie, visitorOf }),
    ...[...open].map(([path, respond]) => ({ path, ...fromAnywhere, respond })),
    ...memberRoutes(endpoints, options, identify),
  ];
  const routes = new Map(all.map((route) => [route.path, route]));
  return {
    handler: createHandler(routes, failureOf),
    fetch: createFetchHandler(routes, failureOf),
    visitor: createSiteVisitor(service, webchatId, visitorOf),
  };
};
