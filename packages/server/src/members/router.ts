// Finds the endpoint of a request and answers for all of them alike: OPTIONS, other methods, CORS, refusals.
import { PROBLEMS } from '@genesys-guest/common';
import type { Log } from '../observe/log.ts';
import { empty, json, OAuthError, oauthError } from './answers.ts';
import type { Headers, MembersAnswer, MembersRequest } from './ports.ts';

export interface Route {
  readonly methods: readonly ('GET' | 'POST')[];
  /** Readable by pages of every origin. Default false. */
  readonly cors?: boolean;
  readonly answer: (request: MembersRequest) => MembersAnswer | Promise<MembersAnswer>;
}

export interface Router {
  /** Of the endpoints, below the mount. */
  readonly paths: readonly string[];
  /** Whether this path is an endpoint: the body needs to be read only then. */
  has(path: string): boolean;
  /** `undefined` where the path is not an endpoint. @throws GuestTokenError, and what `identify` threw */
  handle(request: MembersRequest): Promise<MembersAnswer | undefined>;
}

const CORS: Headers = { 'Access-Control-Allow-Origin': '*' };

export const createRouter = (routes: Readonly<Record<string, Route>>, log: Log): Router => {
  /** Express does not tell upper from lower case in paths, either. */
  const find = (path: string): Route | undefined => {
    const name = path.toLowerCase();
    return Object.hasOwn(routes, name) ? routes[name] : undefined;
  };
  return {
    paths: Object.keys(routes),
    has: (path) => find(path) !== undefined,
    handle: async (request) => {
      const route = find(request.path);
      if (!route) return undefined;
      try {
        const answer = await byMethod(route, request);
        return route.cors ? { ...answer, headers: { ...answer.headers, ...CORS } } : answer;
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        log('warn', `${request.path.toLowerCase()} refused a request`, {
          error: error.code,
          reason: error.message,
        });
        return oauthError(error);
      }
    },
  };
};

const byMethod = (route: Route, request: MembersRequest): MembersAnswer | Promise<MembersAnswer> => {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const allow = route.methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
  if (method === 'OPTIONS') {
    const preflight: Headers = route.cors ? { 'Access-Control-Allow-Methods': allow } : {};
    return empty(204, { Allow: `${allow}, OPTIONS`, ...preflight });
  }
  return route.methods.some((name) => name === method) ? route.answer(request) : notAllowed(allow);
};

const notAllowed = (allow: string): MembersAnswer => {
  const code = 'method_not_allowed';
  const problem = {
    type: `urn:genesys-guest:problem:${code}`,
    ...PROBLEMS[code],
    code,
    detail: `This endpoint takes ${allow}, OPTIONS.`,
  };
  const type: Headers = { 'Content-Type': 'application/problem+json; charset=utf-8' };
  return json(problem, PROBLEMS[code].status, { ...type, Allow: `${allow}, OPTIONS` });
};
