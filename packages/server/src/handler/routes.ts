// The routes of a mount: what each endpoint answers, data in and data out.
import type { OnboardingConfig } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import { chain } from '../lib/promise.ts';
import type { Log } from '../observe/log.ts';
import type { RateCounter } from '../store/ports.ts';
import { createConfigWriter, publicConfig, tokenlessConfig } from '../tokens/onboarding-config.ts';
import type { Found } from '../tokens/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { createAdmission } from './admission.ts';
import { type Answer, empty, json, problem } from './answers.ts';
import type { Watcher } from './failure.ts';
import { createHealth } from './health.ts';
import type { OriginRules } from './origin.ts';
import type { HttpRequest, ResolvedHandlerOptions, RouteRequest } from './ports.ts';
import { createRenewal } from './renewal.ts';
import { checkBody } from './request-body.ts';
import { createScripts, type ScriptTexts } from './scripts.ts';
import { type FactsOf, isKnown, type KnownVisitor, type Visitor, type VisitorOf } from './visitor.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

type Respond = (request: RouteRequest) => Answer | Promise<Answer>;

interface CheckedRoute {
  /** Below the mount. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  /** As the `Allow` header lists them. */
  readonly allow: string;
  /** Public: from anywhere, for everyone the same. */
  readonly open?: boolean;
  readonly checksItself?: false;
  readonly respond: Respond;
}

/** It checks method and origin itself. */
interface OwnRoute {
  readonly path: string;
  readonly checksItself: true;
  readonly respond: Respond;
}

export type Route = CheckedRoute | OwnRoute;

export interface RoutesContext {
  readonly origins: OriginRules;
  readonly visitorOf: VisitorOf;
  /** Absent where visitors get none. */
  readonly cookie: VisitorCookie | undefined;
  readonly scripts: ScriptTexts;
  readonly counter: RateCounter | undefined;
  readonly watcher: Watcher;
  readonly memberRoutes: readonly Route[];
  readonly factsOf: FactsOf | undefined;
}

const GET = { method: 'GET', allow: 'GET, HEAD, OPTIONS' } as const;
const POST = { method: 'POST', allow: 'POST, OPTIONS' } as const;

export const createRoutes = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  context: RoutesContext,
): ReadonlyMap<string, Route> => {
  const { origins, cookie } = context;
  const base = publicConfig(service.options, options.webchatId, hasMembers(context.memberRoutes));
  const scripts = createScripts(context.scripts, base.messenger, options.allowedOrigins.size > 0);
  const { config, renew, forget } = cookie
    ? withTokens(service, base, options, { ...context, cookie })
    : withoutTokens(base, context);
  const routes: Route[] = [
    { path: '/config', ...GET, respond: config },
    { path: '/renew', ...POST, respond: renew },
    { path: '/forget', ...POST, respond: forget },
    ...[...scripts].map(([path, script]): Route => {
      const respond: Respond = (request) => script(request, origins.cors(request));
      return { path, ...GET, open: true, respond };
    }),
  ];
  if (options.health) {
    const { path, secrets } = options.health;
    // Who has the secret is no page: the origin says nothing.
    routes.push({ path, ...GET, open: true, respond: createHealth(secrets, service) });
  }
  return new Map([...routes, ...context.memberRoutes].map((route) => [route.path, route]));
};

const hasMembers = (routes: readonly Route[]): boolean => routes.some(({ path }) => path === '/auth-code');

/** Ignores case, as Express does. */
export const routeAt = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routes.get(path) ?? routes.get(path.toLowerCase());

/** The route that a whole path ends in, for hosts that take no mount path away. */
export const routeEnding = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routeAt(routes, path) ?? [...routes.values()].find((route) => path.toLowerCase().endsWith(route.path));

/** Without tokens there is nobody to tell apart, so nobody gets a cookie. */
const withoutTokens = (
  base: OnboardingConfig,
  { origins, visitorOf, factsOf }: RoutesContext,
): Record<'config' | 'renew' | 'forget', Respond> => {
  const config: Respond = async (request) => {
    const visitor = await visitorOf(request);
    const config = tokenlessConfig(base, visitor.guest);
    const facts = isKnown(visitor) ? factsOf?.(visitor) : undefined;
    return json(JSON.stringify({ ...config, ...facts }), origins.cors(request));
  };
  return {
    config,
    renew: async (request) => {
      const { externalId } = checkBody(await request.readBody());
      checkSame(externalId, await visitorOf(request));
      return config(request);
    },
    forget: async (request) => {
      checkBody(await request.readBody());
      return empty(origins.cors(request));
    },
  };
};

const withTokens = (
  service: Tokens,
  base: OnboardingConfig,
  options: ResolvedHandlerOptions,
  {
    origins,
    visitorOf,
    cookie,
    counter,
    factsOf,
    watcher,
  }: RoutesContext & { readonly cookie: VisitorCookie },
): Record<'config' | 'renew' | 'forget', Respond> => {
  const { webchatId } = options;
  const write = createConfigWriter(base, service.options, service.now);
  const renewal = createRenewal(service, write, options, {
    admission: createAdmission(options, counter),
    factsOf,
    watcher,
  });
  const lostCookie = createLostCookieWarning(options.log);
  /** The visitor was forgotten since the cookie was issued, and begins anew. */
  const isRevoked = ({ guest, identified }: KnownVisitor) =>
    !identified && service.isRevoked(webchatId, guest.externalId);
  /** Who was forgotten has no token, and is proven to nobody. Asked only where pages are told more than the config. */
  const isDead = (visitor: KnownVisitor, { token }: Found) =>
    factsOf !== undefined && !token && isRevoked(visitor);
  const firstTime = JSON.stringify({ ...base, renewIn: 0 } satisfies OnboardingConfig);

  const atHand = (request: HttpRequest, visitor: KnownVisitor, { state, token }: Found): Answer => {
    if (token) service.hit(state as 'fresh');
    const renewIn = state === 'fresh' ? undefined : 0;
    const facts = factsOf?.(visitor);
    return json(write({ guest: visitor.guest, token, renewIn, facts }), origins.cors(request));
  };

  const begin = (request: HttpRequest): Answer => json(firstTime, origins.cors(request));
  const known = (request: HttpRequest, visitor: KnownVisitor) =>
    chain(service.find(webchatId, visitor.guest), (found) =>
      chain(isDead(visitor, found), (dead) => (dead ? begin(request) : atHand(request, visitor, found))),
    );

  return {
    config: (request) =>
      chain(visitorOf(request), (visitor) => (isKnown(visitor) ? known(request, visitor) : begin(request))),
    renew: async (request) => {
      const { externalId, again } = checkBody(await request.readBody());
      const visitor = await visitorOf(request);
      checkSame(externalId, visitor);
      // Both are asked of a shared store side by side.
      const found = isKnown(visitor) && service.find(webchatId, visitor.guest);
      if (!found || !isKnown(visitor) || (await isRevoked(visitor))) {
        if (again) lostCookie();
        watcher.answered('none');
        return json(firstTime, origins.cors(request), cookie.issue());
      }
      const setCookie = visitor.signed?.outdated ? cookie.resign(visitor.signed) : undefined;
      return json(await renewal(request, visitor, await found), origins.cors(request), setCookie);
    },
    forget: async (request) => {
      checkBody(await request.readBody());
      const { guest, identified, signed } = await visitorOf(request);
      if (identified && guest) await service.forget(webchatId, guest.externalId);
      // A copy of the cookie is of no use any more.
      if (signed) await service.forget(webchatId, signed.id, service.now() + cookie.lifeLeft(signed) * 1_000);
      return empty(origins.cors(request), cookie.clear);
    },
  };
};

/** Warned of once, because a browser that drops our cookie does so for all its users. */
const createLostCookieWarning = (log: Log): (() => void) => {
  let said = false;
  return () => {
    if (!said) log('warn', LOST_COOKIE);
    said = true;
  };
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
  if (route.checksItself) return route.respond(request);
  const { allow, open } = route;
  const { method } = request;
  if (method === 'OPTIONS') return empty({ Allow: allow, ...origins.preflight(request, allow) });
  if (method !== route.method && !(method === 'HEAD' && route.method === 'GET')) {
    const error = new GuestTokenError('method_not_allowed', `This endpoint takes ${allow}.`);
    return problem(error, { Allow: allow, ...origins.cors(request) });
  }
  if (!open && origins.isForbidden(request)) throw new GuestTokenError('origin_forbidden', FORBIDDEN);
  return route.respond(request);
};
