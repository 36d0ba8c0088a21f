// The routes of a mount: what each endpoint answers, data in and data out.
import type { OnboardingConfig } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import { chain } from '../lib/promise.ts';
import { bearerToken } from '../members/bearer.ts';
import { isOneOf } from '../members/compare.ts';
import type { Observer } from '../observe/observer.ts';
import type { RateCounter } from '../store/ports.ts';
import { createConfigWriter, NEVER, publicConfig } from '../tokens/onboarding-config.ts';
import type { Found } from '../tokens/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { createAdmission } from './admission.ts';
import { type Answer, empty, json, problem, unauthorized } from './answers.ts';
import type { OriginRules } from './origin.ts';
import type { HttpRequest, ResolvedHandlerOptions, RouteRequest } from './ports.ts';
import { createRenewal, type Tell } from './renewal.ts';
import { checkBody } from './request-body.ts';
import { createScripts, type ScriptTexts } from './scripts.ts';
import { type FactsOf, isKnown, type KnownVisitor, type Visitor, type VisitorOf } from './visitor.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

type Respond = (request: RouteRequest) => Answer | Promise<Answer>;

export interface Route {
  /** Below the mount. */
  readonly path: string;
  /** Absent where the endpoint checks method and origin itself. */
  readonly method?: keyof typeof ALLOW;
  /** Public: from anywhere, for everyone the same. */
  readonly open?: boolean;
  readonly respond: Respond;
}

/** As the `Allow` header lists them. */
const ALLOW = { GET: 'GET, HEAD, OPTIONS', POST: 'POST, OPTIONS' } as const;

export interface RoutesContext {
  readonly origins: OriginRules;
  readonly visitorOf: VisitorOf;
  /** Absent where there are never tokens: then nobody is to be told apart, and nobody gets one. */
  readonly cookie: VisitorCookie | undefined;
  readonly scripts: ScriptTexts;
  readonly counter: RateCounter | undefined;
  readonly count: Observer['count'];
  readonly memberRoutes: readonly Route[];
  readonly factsOf: FactsOf | undefined;
}

export const createRoutes = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  context: RoutesContext,
): ReadonlyMap<string, Route> => {
  const { memberRoutes } = context;
  const hasMembers = memberRoutes.some(({ path }) => path === '/auth-code');
  const base = publicConfig(service.options, options.webchatId, hasMembers);
  const varyByOrigin = options.allowedOrigins.size > 0;
  const scripts = createScripts(context.scripts, base.messenger, context.origins.cors, varyByOrigin);
  const routes: Route[] = [
    ...pageRoutes(service, base, options, context),
    ...[...scripts].map(([path, respond]): Route => ({ path, method: 'GET', open: true, respond })),
    ...memberRoutes,
  ];
  if (options.health) {
    const { path, secrets } = options.health;
    const respond: Respond = (request) => {
      const token = bearerToken(request);
      if (token === undefined || !isOneOf(token, secrets)) return unauthorized;
      const health = service.health();
      return { ...json(JSON.stringify(health), undefined), status: health.ready ? 200 : 503 };
    };
    // Who has the secret is no page: the origin says nothing.
    routes.push({ path, method: 'GET', open: true, respond });
  }
  return new Map(routes.map((route) => [route.path, route]));
};

/** Ignores case, as Express does. */
export const routeAt = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routes.get(path) ?? routes.get(path.toLowerCase());

/** The route that a whole path ends in, for hosts that take no mount path away. */
export const routeEnding = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routeAt(routes, path) ?? [...routes.values()].find((route) => path.toLowerCase().endsWith(route.path));

const pageRoutes = (
  service: Tokens,
  base: OnboardingConfig,
  options: ResolvedHandlerOptions,
  { origins, visitorOf, cookie, counter, factsOf, count }: RoutesContext,
): Route[] => {
  const { webchatId } = options;
  const write = createConfigWriter(base, service);
  const tell: Tell = (visitor, { token, renewIn }) =>
    write({ guest: visitor.guest, token, renewIn, facts: factsOf?.(visitor) });
  const renewal = createRenewal(service, options, tell, createAdmission(options, counter), count);
  /** The visitor was forgotten since the cookie was issued, and begins anew. */
  const isRevoked = ({ guest, identified }: KnownVisitor) =>
    !identified && service.isRevoked(webchatId, guest.externalId);
  /** Who was forgotten has no token, and is proven to nobody. Asked only where pages are told more than the config. */
  const isDead = (visitor: KnownVisitor, { token }: Found) =>
    factsOf !== undefined && !token && isRevoked(visitor);
  const firstTime = JSON.stringify(cookie ? { ...base, renewIn: 0 } : base);

  const begin = (request: HttpRequest, setCookie?: string): Answer =>
    json(firstTime, origins.cors(request), setCookie);
  const atHand = (request: HttpRequest, visitor: KnownVisitor, { state, token }: Found): Answer => {
    if (token) count('cacheStates', state as 'fresh');
    const renewIn = state === 'fresh' ? undefined : 0;
    return json(tell(visitor, { token, renewIn }), origins.cors(request));
  };
  const config = (request: HttpRequest, visitor: Visitor): Answer | Promise<Answer> => {
    if (!isKnown(visitor)) return begin(request);
    if (!cookie) return json(tell(visitor, { renewIn: NEVER }), origins.cors(request));
    return chain(service.find(webchatId, visitor.guest), (found) =>
      chain(isDead(visitor, found), (dead) => (dead ? begin(request) : atHand(request, visitor, found))),
    );
  };

  const renew: Respond = async (request) => {
    const { externalId, again } = checkBody(await request.readBody());
    const visitor = await visitorOf(request);
    checkSame(externalId, visitor);
    if (!cookie) return config(request, visitor);
    // Both are asked of a shared store side by side.
    const found = isKnown(visitor) && service.find(webchatId, visitor.guest);
    if (!found || !isKnown(visitor) || (await isRevoked(visitor))) {
      if (again) options.log('warn', LOST_COOKIE);
      count('answers', 'none');
      return begin(request, cookie.issue());
    }
    const setCookie = visitor.signed?.outdated ? cookie.resign(visitor.signed) : undefined;
    return json(await renewal(request, visitor, await found), origins.cors(request), setCookie);
  };

  const forget: Respond = async (request) => {
    checkBody(await request.readBody());
    const { guest, identified, signed } = await visitorOf(request);
    if (identified && guest) await service.forget(webchatId, guest.externalId);
    // A copy of the cookie is of no use any more.
    if (cookie && signed) {
      await service.forget(webchatId, signed.id, service.now() + cookie.lifeLeft(signed) * 1_000);
    }
    return empty(origins.cors(request), cookie?.clear);
  };

  return [
    {
      path: '/config',
      method: 'GET',
      respond: (request) => chain(visitorOf(request), (visitor) => config(request, visitor)),
    },
    { path: '/renew', method: 'POST', respond: renew },
    { path: '/forget', method: 'POST', respond: forget },
  ];
};

const LOST_COOKIE =
  'A visitor came back without the cookie that we gave, and gets no token. Browsers drop a Secure cookie on a plain http ' +
  'page: serve the site by https. Else a proxy removes Set-Cookie, instances have different `secrets`, or this visitor blocks cookies';

/** @throws GuestTokenError `guest_changed` where the page holds another guest than the visitor is now */
const checkSame = (externalId: string | undefined, { guest }: Visitor): void => {
  if (externalId === undefined || externalId === guest?.externalId) return;
  throw new GuestTokenError('guest_changed', 'The visitor has signed in, out or in as another.');
};

const FORBIDDEN =
  'Pages of this origin may not call here. The site can list it in `allowedOrigins`, or set `publicOrigin`.';

/** The answer of a route, once method and origin are checked. @throws GuestTokenError */
export const respond = (
  route: Route,
  origins: OriginRules,
  request: RouteRequest,
): Answer | Promise<Answer> => {
  if (!route.method) return route.respond(request);
  const allow = ALLOW[route.method];
  const { method } = request;
  if (method === 'OPTIONS') return empty({ Allow: allow, ...origins.preflight(request, allow) });
  if (method !== route.method && !(method === 'HEAD' && route.method === 'GET')) {
    const error = new GuestTokenError('method_not_allowed', `This endpoint takes ${allow}.`);
    return problem(error, { Allow: allow, ...origins.cors(request) });
  }
  if (!route.open && origins.isForbidden(request)) throw new GuestTokenError('origin_forbidden', FORBIDDEN);
  return route.respond(request);
};
