// Mounts the endpoints of signed-in members and of proofs: they check method and origin themselves.
import type { MembersAnswer, MembersRequest } from '../members/ports.ts';
import type { Router } from '../members/router.ts';
import type { Answer } from './answers.ts';
import { createOriginRules } from './origin.ts';
import type { ResolvedHandlerOptions, RouteRequest } from './ports.ts';
import type { Route } from './routes.ts';
import type { Identify } from './visitor.ts';

/** Bytes of a body: a code of 2,048 characters beside the client's secret. */
const MAX_BODY_BYTES = 8_192;

/** @param identify whom the site itself names, asked anew for each code */
export const memberRoutes = (
  router: Router,
  options: Pick<ResolvedHandlerOptions, 'publicOrigin'>,
  identify: Identify,
): Route[] => {
  // Whatever other origins are allowed to renew a token: a code makes its bearer the member.
  const ownOrigin = createOriginRules({ allowedOrigins: new Set(), publicOrigin: options.publicOrigin });
  const respond = async (path: string, request: RouteRequest): Promise<Answer> => {
    const posted = request.method === 'POST' ? await request.readBody(MAX_BODY_BYTES) : undefined;
    const asked: MembersRequest = {
      method: request.method,
      path,
      headers: request.headers,
      query: request.query(),
      body: posted instanceof Uint8Array ? Buffer.from(posted).toString('utf8') : posted,
      sameOrigin: !ownOrigin.isForbidden(request),
      identify: async () => identify(request),
    };
    return (await router.handle(asked)) as MembersAnswer;
  };
  return router.paths.map((path) => ({ path, respond: (request) => respond(path, request) }));
};
