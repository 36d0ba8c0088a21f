// Reads the parameters of OAuth requests: each at most once, also where a body parser of the site has read them.
import { OAuthError } from './answers.ts';
import type { MembersRequest } from './ports.ts';

export type Parameters = ReadonlyMap<string, string>;

/** Those of the query. @throws OAuthError `invalid_request` */
export const queryParameters = ({ query }: MembersRequest): Parameters => collect(query);

/** Those of a form. @throws OAuthError `invalid_request` */
export const formParameters = ({ headers, body }: MembersRequest): Parameters => {
  if (!isMediaType(headers['content-type'], 'application/x-www-form-urlencoded')) {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded');
  }
  if (body === undefined || body === null) return new Map();
  if (typeof body === 'string') return collect(new URLSearchParams(body));
  if (typeof body !== 'object') throw new OAuthError('invalid_request', 'The body is not a form');
  return collect(Object.entries(body));
};

/** Whether a `Content-Type` is this one, with whatever parameters. */
export const isMediaType = (header: unknown, type: string): boolean =>
  typeof header === 'string' && header.split(';', 1)[0]?.trim().toLowerCase() === type;

/** RFC 6749, 3.1 and 3.2: one that is given twice is refused, one without a value counts as not given. */
const collect = (entries: Iterable<readonly [string, unknown]>): Parameters => {
  const all = new Map<string, string>();
  for (const [name, value] of entries) {
    // Body parsers make an array or an object of what was given twice or as `name[]`.
    if (typeof value !== 'string' || all.has(name)) {
      throw new OAuthError('invalid_request', 'A parameter is given more than once');
    }
    all.set(name, value);
  }
  return new Map([...all].filter(([, value]) => value !== ''));
};
