// Decides which pages may call: this site's own, and those of the origins that the operator has listed.
import type { Headers } from '../lib/answers.ts';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';

export interface OriginRules {
  /** CORS headers for a page that may read the answer. */
  cors(request: HttpRequest): Headers | undefined;
  /** Whether this request comes from somewhere that may not call. */
  isForbidden(request: HttpRequest): boolean;
}

/** Seconds that a browser may remember a preflight's answer: Chrome's own limit. */
const PREFLIGHT_AGE = '7200';

type Settings = Pick<ResolvedHandlerOptions, 'allowedOrigins' | 'publicOrigin'>;

export const createOriginRules = ({ allowedOrigins, publicOrigin }: Settings): OriginRules => {
  return {
    cors: ({ headers: { origin } }) =>
      origin !== undefined && allowedOrigins.has(origin)
        ? {
            'Access-Control-Allow-Origin': origin,
            'Access-Control-Allow-Credentials': 'true',
            'Access-Control-Expose-Headers': 'Retry-After',
          }
        : undefined,
    isForbidden: (req) => {
      const { origin } = req.headers;
      if (origin !== undefined && allowedOrigins.has(origin)) return false;
      // The browser's own word, which no page can forge, and which no proxy that changes Host disturbs.
      const site = req.headers['sec-fetch-site'];
      if (site !== undefined) return site !== 'same-origin' && !(site === 'none' && req.method !== 'POST');
      if (origin === undefined) return false;
      return publicOrigin === undefined ? !isSameHost(origin, req) : origin !== publicOrigin;
    },
  };
};

/** What a preflight is told beside the CORS headers. @param methods as `Access-Control-Allow-Methods` lists them */
export const preflight = ({ headers }: HttpRequest, methods: string): Headers => {
  const asked = headers['access-control-request-headers'];
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Max-Age': PREFLIGHT_AGE,
    // The host's CSRF middleware has headers of its own; which origins may send them is settled by then.
    ...(asked !== undefined && { 'Access-Control-Allow-Headers': asked }),
  };
};

/** By host and port alone: whether the browser came by https is known to the proxy, not to us. */
const isSameHost = (origin: string, { headers }: HttpRequest): boolean => {
  // HTTP/2 has `:authority` where HTTP/1 has `Host`.
  const host = headers.host ?? headers[':authority'];
  if (typeof host !== 'string' || !URL.canParse(origin)) return false;
  const { protocol, host: wanted } = new URL(origin);
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === wanted;
};
