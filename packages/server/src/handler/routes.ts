// The routes of a mount: what each endpoint answers, data in and data out.
import type { IncomingMessage } from 'node:http';
import type { OnboardingConfig } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import { isPromise } from '../lib/promise.ts';
import type { IssueTrace } from '../observe/observer.ts';
import type { AddressCounter } from '../store/ports.ts';
import { guestConfig, publicConfig } from '../tokens/onboarding-config.ts';
import type { Found, Tokens } from '../tokens/token-service.ts';
import { createAdmission } from './admission.ts';
import { type Answer, empty, json, problem } from './answers.ts';
import { createBootScript } from './boot-script.ts';
import type { OriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import { createRenewal } from './renewal.ts';
import { readBody } from './request-body.ts';
import { createVisitorOf, isKnown, type Visitor } from './visitor.ts';
import { createVisitorCookie } from './visitor-cookie.ts';

/** One request on its way through the routes. */
export interface RouteRequest {
  readonly req: IncomingMessage;
  /** Made where it is needed: aborted when the caller hangs up. */
  readonly signal: () => AbortSignal;
  readonly trace: IssueTrace;
}

type Respond = (request: RouteRequest) => Answer | Promise<Answer>;

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As the `Allow` header lists them. */
  readonly allow: string;
  /** Public: from anywhere, for everyone the same. */
  readonly open?: boolean;
  readonly respond: Respond;
}

export interface RoutesContext {
  readonly origins: OriginRules;
  /** The browser script that `/boot.js` serves. */
  readonly bootText: string;
  readonly addresses: AddressCounter | undefined;
}

const GET = { method: 'GET', allow: 'GET, HEAD, OPTIONS' } as const;
const POST = { method: 'POST', allow: 'POST, OPTIONS' } as const;

export const createRoutes = (
  service: Tokens,
  options: ResolvedHandlerOptions,
  { origins, bootText, addresses }: RoutesContext,
): ReadonlyMap<string, Route> => {
  const base = publicConfig(service.options, options.webchatId);
  const bootScript = createBootScript(bootText, base.messenger, options.allowedOrigins.size > 0);
  const { config, renew, forget } =
    service.options.source === 'none'
      ? withoutTokens(base, options, origins)
      : withTokens(service, base, options, origins, addresses);
  return new Map<string, Route>([
    ['/config', { ...GET, respond: config }],
    ['/renew', { ...POST, respond: renew }],
    ['/forget', { ...POST, respond: forget }],
    ['/boot.js', { ...GET, open: true, respond: ({ req }) => bootScript(req, origins.cors(req)) }],
  ]);
};

/** Without tokens there is nobody to tell apart, so nobody gets a cookie. */
const withoutTokens = (
  base: OnboardingConfig,
  { identify }: ResolvedHandlerOptions,
  origins: OriginRules,
): Record<'config' | 'renew' | 'forget', Respond> => {
  const visitorOf = createVisitorOf(identify, undefined);
  const config: Respond = async ({ req }) => {
    const { guest } = await visitorOf(req);
    return json(JSON.stringify({ ...base, ...guest }), origins.cors(req));
  };
  return {
    config,
    renew: async (request) => {
      const { externalId } = await readBody(request.req);
      checkSame(externalId, await visitorOf(request.req));
      return config(request);
    },
    forget: async ({ req }) => {
      await readBody(req);
      return empty(origins.cors(req));
    },
  };
};

const withTokens = (
  service: Tokens,
  base: OnboardingConfig,
  options: ResolvedHandlerOptions,
  origins: OriginRules,
  addresses: AddressCounter | undefined,
): Record<'config' | 'renew' | 'forget', Respond> => {
  const { webchatId } = options;
  const cookie = createVisitorCookie(options);
  const visitorOf = createVisitorOf(options.identify, cookie);
  const renewal = createRenewal(service, base, options, createAdmission(options, addresses));
  const firstTime = JSON.stringify({ ...base, renewIn: 0 } satisfies OnboardingConfig);

  const atHand = (req: IncomingMessage, { guest }: Visitor, { state, token }: Found): Answer => {
    if (!guest) return json(firstTime, origins.cors(req));
    if (token) service.hit(state as 'fresh');
    const renewIn = state === 'fresh' ? undefined : 0;
    const known = guestConfig(base, guest, token, service.options, service.now(), renewIn);
    return json(JSON.stringify(known), origins.cors(req));
  };

  return {
    config: async ({ req }) => {
      const visiting = visitorOf(req);
      const visitor = isPromise(visiting) ? await visiting : visiting;
      const finding = visitor.guest ? service.find(webchatId, visitor.guest) : NOBODY;
      return atHand(req, visitor, isPromise(finding) ? await finding : finding);
    },
    renew: async ({ req, signal, trace }) => {
      const { externalId } = await readBody(req);
      const visitor = await visitorOf(req);
      checkSame(externalId, visitor);
      if (!isKnown(visitor)) return json(firstTime, origins.cors(req), cookie.issue());
      const setCookie = visitor.signed?.outdated ? cookie.resign(visitor.signed) : undefined;
      const config = await renewal({ req, visitor, signal: signal(), trace });
      return json(JSON.stringify(config), origins.cors(req), setCookie);
    },
    forget: async ({ req }) => {
      await readBody(req);
      const { guest, signed } = await visitorOf(req);
      for (const id of new Set([guest?.externalId, signed?.id])) {
        if (id !== undefined) await service.forget(webchatId, id);
      }
      return empty(origins.cors(req), cookie.clear);
    },
  };
};

const NOBODY: Found = { state: 'missing', token: undefined };

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
  const { method, allow, open } = route;
  const { req } = request;
  if (req.method === 'OPTIONS') return empty({ Allow: allow, ...origins.preflight(req, allow) });
  if (req.method !== method && !(req.method === 'HEAD' && method === 'GET')) {
    const error = new GuestTokenError('method_not_allowed', `This endpoint takes ${allow}.`);
    return problem(error, { Allow: allow, ...origins.cors(req) });
  }
  if (!open && origins.isForbidden(req)) throw new GuestTokenError('origin_forbidden', FORBIDDEN);
  return route.respond(request);
};
