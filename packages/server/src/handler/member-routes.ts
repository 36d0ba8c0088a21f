// Mounts the endpoints of signed-in members and of proofs.
import type { Endpoint } from '../members/ports.ts';
import { createOriginRules, type OriginRules } from './origin.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import type { Route } from './routes.ts';
import type { Identify } from './visitor.ts';

/** Bytes of a body: a code of 2,048 characters beside the client's secret. */
const MAX_BODY_BYTES = 8_192;

/** @param identify whom the site itself names, asked anew for each code */
export const memberRoutes = (
  endpoints: readonly Endpoint[],
  { publicOrigin }: Pick<ResolvedHandlerOptions, 'publicOrigin'>,
  identify: Identify,
): Route[] => {
  const rules: Readonly<Record<Endpoint['pages'], OriginRules>> = {
    // Whatever other origins are allowed to renew a token: a code makes its bearer the member.
    own: createOriginRules({ allowedOrigins: new Set(), publicOrigin }),
    all: { cors: () => ({ 'Access-Control-Allow-Origin': '*' }), isForbidden: () => false },
    none: { cors: () => undefined, isForbidden: () => false },
  };
  return endpoints.map(({ path, methods, pages, answer }) => ({
    path,
    methods,
    origins: rules[pages],
    respond: async (request) => {
      const posted = request.method === 'POST' ? await request.readBody(MAX_BODY_BYTES) : undefined;
      const body = posted instanceof Uint8Array ? Buffer.from(posted).toString('utf8') : posted;
      return answer({ ...request, query: request.query(), body, identify: async () => identify(request) });
    },
  }));
};
