// The request handler: routes a request, checks where it comes from, and answers it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OnboardingConfig } from '@genesys-guest/common';
import { GuestTokenError, isGuestTokenError } from '../errors.ts';
import { inRequestSpan } from '../observe/telemetry/spans.ts';
import type { HandlerSettings } from '../options/settings.ts';
import type { Core } from '../tokens/core.ts';
import { guestConfig, publicConfig } from '../tokens/onboarding-config.ts';
import { createRecognise, isKnown, type Visitor } from '../visitor/recognise.ts';
import { createVisitorCookie } from '../visitor/visitor-cookie.ts';
import { type Answer, empty, json, markPrivate, notFound, problem, send } from './answers.ts';
import { readBody } from './body.ts';
import { createBootScript } from './boot-script.ts';
import { createGate } from './gate.ts';
import { createOriginRules } from './origin.ts';
import { createRenewal } from './renewal.ts';

export type Next = (error?: unknown) => void;
export type RequestHandler<Req extends IncomingMessage = IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: Next,
) => void;

interface Route {
  readonly allow: string;
  readonly method: 'GET' | 'POST';
  /** Public: from anywhere, for everyone the same. */
  readonly open?: boolean;
  readonly answer: (req: IncomingMessage, res: ServerResponse) => Answer | Promise<Answer>;
}

/** @param bootText the browser script that `/boot.js` serves */
export const createHandler = (core: Core, settings: HandlerSettings, bootText: string): RequestHandler => {
  const { webchatId, allowedOrigins, log } = settings;
  const origins = createOriginRules(settings);
  // Without tokens there is nobody to tell apart, so nobody gets a cookie.
  const cookie = core.settings.source === 'none' ? undefined : createVisitorCookie(settings);
  const recognise = createRecognise(settings.identify, cookie);
  const base = publicConfig(core.settings, webchatId);
  const renewal = createRenewal(core, base, settings, createGate(core, settings));
  const bootScript = createBootScript(bootText, base.messenger, allowedOrigins.size > 0);
  const firstTime = JSON.stringify({ ...base, renewIn: 0 } satisfies OnboardingConfig);

  const withoutToken = ({ guest }: Visitor): string => JSON.stringify({ ...base, ...guest });

  const config = async (req: IncomingMessage): Promise<Answer> => {
    const visitor = await recognise(req);
    const cors = origins.cors(req);
    if (!cookie) return json(withoutToken(visitor), cors);
    if (!isKnown(visitor)) return json(firstTime, cors);
    const { state, token } = await core.find(webchatId, visitor.guest);
    const renewIn = state === 'fresh' ? undefined : 0;
    const known = guestConfig(base, visitor.guest, token, core.settings, core.now(), renewIn);
    return json(JSON.stringify(known), cors);
  };

  const renew = async (req: IncomingMessage, res: ServerResponse): Promise<Answer> => {
    const { externalId } = await readBody(req);
    const visitor = await recognise(req);
    const cors = origins.cors(req);
    if (externalId !== undefined && externalId !== visitor.guest?.externalId) {
      throw new GuestTokenError('guest_changed', 'The visitor has signed in, out or in as another.');
    }
    if (!cookie) return json(withoutToken(visitor), cors);
    if (!isKnown(visitor)) return json(firstTime, cors, cookie.issue());
    const setCookie = visitor.signed?.outdated ? cookie.resign(visitor.signed) : undefined;
    return json(JSON.stringify(await renewal(req, res, visitor)), cors, setCookie);
  };

  const forget = async (req: IncomingMessage): Promise<Answer> => {
    await readBody(req);
    const { guest, signed } = await recognise(req);
    const ids = new Set([guest?.externalId, signed?.id]);
    for (const id of cookie ? ids : []) {
      if (id !== undefined) await core.forget(webchatId, id);
    }
    return empty(origins.cors(req), cookie?.clear);
  };

  const routes = new Map<string, Route>([
    ['/config', { method: 'GET', allow: 'GET, HEAD, OPTIONS', answer: config }],
    ['/renew', { method: 'POST', allow: 'POST, OPTIONS', answer: renew }],
    ['/forget', { method: 'POST', allow: 'POST, OPTIONS', answer: forget }],
    [
      '/boot.js',
      {
        method: 'GET',
        allow: 'GET, HEAD, OPTIONS',
        open: true,
        answer: (req) => bootScript(req, origins.cors(req)),
      },
    ],
  ]);

  const answer = async (route: Route, req: IncomingMessage, res: ServerResponse): Promise<Answer> => {
    const { method, allow, open } = route;
    if (req.method === 'OPTIONS') return empty({ Allow: allow, ...origins.preflight(req, allow) });
    if (req.method !== method && !(req.method === 'HEAD' && method === 'GET')) {
      const error = new GuestTokenError('method_not_allowed', `This endpoint takes ${allow}.`);
      return problem(error, { Allow: allow, ...origins.cors(req) });
    }
    if (!open && origins.isForbidden(req)) throw new GuestTokenError('origin_forbidden', FORBIDDEN);
    return route.answer(req, res);
  };

  const fail = (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next | undefined): void => {
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

  return (req, res, next) => {
    const path = pathOf(req.url ?? '');
    const route = routes.get(path);
    if (!route) {
      if (next) next();
      else send(req, res, notFound);
      return;
    }
    inRequestSpan(req, res, path, () => {
      answer(route, req, res)
        .then((done) => send(req, res, done))
        // What other middleware of the site throws as we write goes to the site's error handling, too.
        .catch((error: unknown) => fail(error, req, res, next))
        .catch(() => res.destroy());
    });
  };
};

/** Faults of the site itself, which its own error handling is to see. */
const HOST_FAULTS: ReadonlySet<string> = new Set(['guest_invalid', 'identify_failed']);

const FORBIDDEN =
  'Pages of this origin may not call here. The site can list it in `allowedOrigins`, or set `publicOrigin`.';

/** Express has taken the mount path away. */
const pathOf = (url: string): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};
