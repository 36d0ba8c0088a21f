// The failures that cross the wire, after RFC 9457: one table for the server that writes and the page that reads.

/** Every `code` that a problem answer can have, with its status and title. */
export const PROBLEMS = {
  request_invalid: { status: 400, title: 'The request body is not what this endpoint takes' },
  origin_forbidden: { status: 403, title: 'This origin may not call here' },
  not_admitted: { status: 403, title: 'This visitor was not admitted' },
  sign_in_required: { status: 401, title: 'Nobody is signed in on this site' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  guest_changed: { status: 409, title: 'The visitor is someone else now' },
  too_many_guests: { status: 429, title: 'Too many guests from this address' },
  guest_invalid: { status: 500, title: 'The site described a guest that the platform would refuse' },
  identify_failed: { status: 500, title: 'The site could not say who the visitor is' },
  store_unavailable: { status: 503, title: 'What can be used once cannot be recorded now' },
  upstream_rejected: { status: 502, title: 'Genesys Cloud refused the request' },
  upstream_limited: { status: 503, title: 'The limit of calls to Genesys Cloud is reached' },
  upstream_unavailable: { status: 503, title: 'Genesys Cloud is unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The `code` of a problem: see {@link Problem}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The body of a failed answer, `application/problem+json`. */
export interface Problem {
  /** `about:blank`: the code says which problem it is. */ readonly type: string;
  /** The same for each code. */ readonly title: string;
  /** The HTTP status. */ readonly status: number;
  /** Which problem it is. Stable. */ readonly code: ProblemCode;
  /** What happened this time, for people. */ readonly detail: string;
  /** Seconds, where waiting helps. Also the `Retry-After` header. */
  readonly retryAfter?: number;
  /** With `guest_invalid`: what is wrong with which field. */
  readonly errors?: readonly {
    /** Such as `externalId`. */
    readonly field: string;
    /** What is wrong with it. */
    readonly message: string;
  }[];
}
