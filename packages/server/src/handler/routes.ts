// The routes of a mount: what each endpoint answers, data in and data out.
import type { OnboardingConfig } from '@genesys-guest/common';
import { type Answer, empty, json, problem, unauthorized } from '../lib/answers.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { chain } from '../lib/promise.ts';
import { bearerToken } from '../members/bearer.ts';
import { isOneOf } from '../members/compare.ts';
import type { Observer } from '../observe/observer.ts';
import type { RateCounter } from '../store/ports.ts';
import { createConfigWriter, NEVER } from '../tokens/onboarding-config.ts';
import type { Found, Told } from '../tokens/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { createAdmission } from './admission.ts';
import { type OriginRules, preflight } from './origin.ts';
import type { ResolvedHandlerOptions, RouteRequest } from './ports.ts';
import { createRenewal } from './renewal.ts';
import { checkBody } from './request-body.ts';
import { type FactsOf, isKnown, type KnownVisitor, type Visitor, type VisitorOf } from './visitor.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

type Respond = (request: RouteRequest) => Answer | Promise<Answer>;

export interface Route {
  /** Below the mount. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST')[];
  /** Who may call, and read the answer. */
  readonly origins: OriginRules;
  readonly respond: Respond;
}

/** Only for who has one of the secrets. */
export const healthAnswer =
  (service: Tokens, secrets: readonly string[]): Respond =>
  (request) => {
    const token = bearerToken(request);
    if (token === undefined || !isOneOf(token, secrets)) return unauthorized;
    const health = service.health();
    return { ...json(JSON.stringify(health)), status: health.ready ? 200 : 503 };
  };

/** Ignores case, as Express does. */
export const routeAt = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routes.get(path) ?? routes.get(path.toLowerCase());

/** The route that a whole path ends in, for hosts that take no mount path away. */
export const routeEnding = (routes: ReadonlyMap<string, Route>, path: string): Route | undefined =>
  routeAt(routes, path) ?? [...routes.values()].find((route) => path.toLowerCase().endsWith(route.path));

interface PageContext {
  readonly origins: OriginRules;
  readonly visitorOf: VisitorOf;
  /** Absent where there are never tokens: then nobody is to be told apart, and nobody gets one. */
  readonly cookie: VisitorCookie | undefined;
  readonly counter: RateCounter | undefined;
  readonly count: Observer['count'];
  readonly factsOf?: FactsOf | undefined;
}

/** @param base the config of who is nobody yet */
export const pageRoutes = (
  service: Tokens,
  base: OnboardingConfig,
  options: ResolvedHandlerOptions,
  { origins, visitorOf, cookie, counter, factsOf, count }: PageContext,
): Route[] => {
  const { webchatId } = options;
  const write = createConfigWriter(base, service);
  const tell = (visitor: KnownVisitor, told: Told, setCookie?: string): Answer =>
    json(write(visitor.guest, told, factsOf?.(visitor)), setCookie);
  const renewal = createRenewal(service, options, createAdmission(options, counter), count);
  /** The visitor was forgotten since the cookie was issued, and begins anew. */
  const isRevoked = ({ guest, identified }: KnownVisitor) =>
    !identified && service.isRevoked(webchatId, guest.externalId);
  /** Who was forgotten has no token, and is proven to nobody. Asked only where pages are told more than the config. */
  const isDead = (visitor: KnownVisitor, { token }: Found) =>
    factsOf !== undefined && !token && isRevoked(visitor);
  const firstTime = JSON.stringify(cookie ? { ...base, renewIn: 0 } : base);

  const atHand = (visitor: KnownVisitor, { state, token }: Found): Answer => {
    if (token) count('cacheStates', state as 'fresh');
    return tell(visitor, { token, renewIn: state === 'fresh' ? undefined : 0 });
  };
  const config = (visitor: Visitor): Answer | Promise<Answer> => {
    if (!isKnown(visitor)) return json(firstTime);
    if (!cookie) return tell(visitor, { renewIn: NEVER });
    return chain(service.find(webchatId, visitor.guest), (found) =>
      chain(isDead(visitor, found), (dead) => (dead ? json(firstTime) : atHand(visitor, found))),
    );
  };

  const renew: Respond = async (request) => {
    const { externalId, again } = checkBody(await request.readBody());
    const visitor = await visitorOf(request);
    checkSame(externalId, visitor);
    if (!cookie) return config(visitor);
    // Both are asked of a shared store side by side.
    const found = isKnown(visitor) && service.find(webchatId, visitor.guest);
    if (!found || !isKnown(visitor) || (await isRevoked(visitor))) {
      if (again) options.log('warn', LOST_COOKIE);
      count('answers', 'none');
      return json(firstTime, cookie.issue());
    }
    const setCookie = visitor.signed?.outdated ? cookie.resign(visitor.signed) : undefined;
    const told = await renewal(request, visitor, await found);
    count('answers', told.token ? 'token' : 'unavailable');
    return tell(visitor, told, setCookie);
  };

  const forget: Respond = async (request) => {
    checkBody(await request.readBody());
    const { guest, identified, signed } = await visitorOf(request);
    if (identified && guest) await service.forget(webchatId, guest.externalId);
    // A copy of the cookie is of no use any more.
    if (cookie && signed) {
      await service.forget(webchatId, signed.id, service.now() + cookie.lifeLeft(signed) * 1_000);
    }
    return empty({}, cookie?.clear);
  };

  return [
    { path: '/config', methods: ['GET'], origins, respond: (request) => chain(visitorOf(request), config) },
    { path: '/renew', methods: ['POST'], origins, respond: renew },
    { path: '/forget', methods: ['POST'], origins, respond: forget },
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
  'Pages of this origin may not call here. The site can list it in `allowedOrigins`, but not for codes of members, or set `publicOrigin`.';

/** The answer of a route, once method and origin are checked. @throws GuestTokenError */
export const respond = (
  { methods, origins, respond: answer }: Route,
  request: RouteRequest,
): Answer | Promise<Answer> => {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (!methods.some((name) => name === method)) return byAllowed(methods, origins, request);
  if (origins.isForbidden(request)) throw new GuestTokenError('origin_forbidden', FORBIDDEN);
  return answer(request);
};

/** To OPTIONS, and to a method that the endpoint does not take. */
const byAllowed = (methods: Route['methods'], { cors }: OriginRules, request: RouteRequest): Answer => {
  const allow = `${methods.join(', ').replace('GET', 'GET, HEAD')}, OPTIONS`;
  if (request.method === 'OPTIONS') {
    return empty({ Allow: allow, ...(cors(request) && preflight(request, allow)) });
  }
  const error = new GuestTokenError('method_not_allowed', `This endpoint takes ${allow}.`);
  return problem(error, { Allow: allow });
};
