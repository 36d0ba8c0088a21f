// Everything that can go wrong with one call to the platform, and what the caller is to get.
import type { Emulator } from '@genesys-guest/emulator';
import type { ProblemCode } from '@genesys-guest/server';

export type Fault = Parameters<Emulator['fault']>[0];
export type Call = 'oauthToken' | 'guestTokens';

export interface Row {
  readonly name: string;
  /** How the emulator fails; `refused` where nobody listens. */
  readonly fault: (() => Omit<Fault, 'call' | 'times'>) | 'refused';
  /** Where it happens once: a token, or the same failure as for good. */
  readonly once: 'token' | 'fails';
  readonly forGood: ProblemCode;
  /** What the log says of the cause. */
  readonly cause: RegExp;
  /** The platform answered, and named its own id of the call. */
  readonly correlated: boolean;
  /** Milliseconds of all tries together, where the row waits for the platform. */
  readonly deadline?: number;
  readonly only?: Call;
}

const plain = (fault: Fault['fault'], more: Partial<Fault> = {}) => ({ fault: () => ({ fault, ...more }) });
const status = (code: number, retryAfter?: string | number) => ({
  fault: () => ({ fault: 'status' as const, status: code, retryAfter }),
});

const passing = { once: 'token', forGood: 'upstream_unavailable' } as const;
const refused = { once: 'fails', forGood: 'upstream_rejected', correlated: true } as const;
const paced = { once: 'token', forGood: 'upstream_limited', correlated: true, deadline: 4_000 } as const;

const inTwoSeconds = () => new Date(Date.now() + 2_000).toUTCString();

export const ROWS: readonly Row[] = [
  { name: 'connection refused', fault: 'refused', ...passing, cause: /ECONNREFUSED/, correlated: false },
  { name: 'reset', ...plain('reset'), ...passing, cause: /ECONNRESET|UND_ERR_SOCKET/, correlated: false },
  { name: 'hung', ...plain('hang'), ...passing, cause: /timeout/, correlated: false },
  { name: 'dripping', ...plain('drip'), ...passing, cause: /timeout/, correlated: false },
  {
    name: 'cut off mid-body',
    ...plain('cut'),
    ...passing,
    cause: /UND_ERR_SOCKET|ECONNRESET/,
    correlated: false,
  },
  {
    name: 'empty body',
    ...plain('empty'),
    ...passing,
    cause: /HTTP 200: the answer is not/,
    correlated: true,
  },
  {
    name: 'HTML with 200',
    ...plain('html'),
    ...passing,
    cause: /HTTP 200: the answer is not/,
    correlated: true,
  },
  {
    name: 'wrong shape',
    ...plain('wrong-shape'),
    ...passing,
    cause: /HTTP 200: the answer is not/,
    correlated: true,
  },
  {
    name: "another guest's answer",
    ...plain('other-guest'),
    ...passing,
    cause: /another guest's/,
    correlated: true,
    only: 'guestTokens',
  },
  {
    name: 'expiry in the past',
    ...plain('past-expiry'),
    ...passing,
    cause: /expired already|not an access token/,
    correlated: true,
  },
  { name: '256 MB body', ...plain('huge'), ...passing, cause: /too_large/, correlated: false },
  { name: '401', ...status(401), ...refused, once: 'token', cause: /HTTP 401/ },
  { name: '403', ...status(403), ...refused, cause: /HTTP 403/ },
  { name: '404', ...status(404), ...refused, cause: /HTTP 404/ },
  { name: '400', ...status(400), ...refused, cause: /HTTP 400/ },
  { name: '408', ...status(408), ...passing, cause: /HTTP 408/, correlated: true },
  { name: '409', ...status(409), ...passing, cause: /HTTP 409/, correlated: true },
  { name: '429 with seconds', ...status(429, 1), ...paced, cause: /HTTP 429/ },
  {
    name: '429 with a date',
    fault: () => ({ fault: 'status', status: 429, retryAfter: inTwoSeconds() }),
    ...paced,
    cause: /HTTP 429/,
  },
  { name: '429 without Retry-After', ...status(429), ...paced, cause: /HTTP 429/ },
  { name: '429 with -5', ...status(429, '-5'), ...paced, cause: /HTTP 429/ },
  { name: '429 with soon', ...status(429, 'soon'), ...paced, cause: /HTTP 429/ },
  { name: '429 with 86,400', ...status(429, 86_400), ...paced, once: 'fails', cause: /HTTP 429/ },
  { name: '500', ...status(500), ...passing, cause: /HTTP 500/, correlated: true },
  { name: '502', ...status(502), ...passing, cause: /HTTP 502/, correlated: true },
  {
    name: '503 with Retry-After',
    ...status(503, 1),
    ...passing,
    cause: /HTTP 503/,
    correlated: true,
    deadline: 4_000,
  },
  { name: '504', ...status(504), ...passing, cause: /HTTP 504/, correlated: true },
  { name: 'a redirect', ...plain('redirect'), ...passing, cause: /HTTP 307/, correlated: true },
];

export const rowsOf = (call: Call): readonly Row[] => ROWS.filter(({ only }) => (only ?? call) === call);
