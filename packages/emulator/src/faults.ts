// The faults that the next calls are to meet, each for one kind of call and for so many times.
import { validateHeaderValue } from 'node:http';
import { CALLS, type Call, PROVIDER_CALLS, SOCKET_CALLS } from './stats.ts';

export const FAULTS = [
  'reset',
  'hang',
  'drip',
  'cut',
  'empty',
  'html',
  'wrong-shape',
  'other-guest',
  'past-expiry',
  'huge',
  'redirect',
  'other-keys',
  'delay',
  'status',
] as const;

/** How a call fails: see {@link Fault.fault}. */
export type FaultName = (typeof FAULTS)[number];

/** What the next calls meet. */
export interface Fault {
  /** Which calls fail. */
  readonly call: Call;
  /**
   * How:
   * - `reset`: the connection is reset before the body is read
   * - `hang`: never answered
   * - `drip`: the answer comes one byte at a time, every `ms` (default 100)
   * - `cut`: the connection breaks in the middle of the answer's body
   * - `empty`: status 200 and no body
   * - `html`: a page of HTML with status 200
   * - `wrong-shape`: status 200 and JSON of another shape (for `bootstrap`, a script that does not parse)
   * - `other-guest`: a good answer for another guest (`guestTokens` alone)
   * - `past-expiry`: a good answer that has already expired (`guestTokens` and `oauthToken`)
   * - `huge`: status 200 and a body of `bytes` (default 256 MiB)
   * - `redirect`: 307 to `location` (default: to where `stats().redirected` counts who follows)
   * - `other-keys`: the provider's keys are gone, as after a rotation without an overlap (`jwks` alone)
   * - `delay`: the right answer, after `ms` (default 1,000)
   * - `status`: `status` (default 500) with the platform's error body, `retryAfter` as its `Retry-After`, `code`, `message`
   */
  readonly fault: FaultName;
  /** For how many calls. Default 1; `always` until cleared. */
  readonly times?: number | 'always' | undefined;
  /** Milliseconds, with `drip` and `delay`. */
  readonly ms?: number | undefined;
  /** Size of the body, with `huge`. */
  readonly bytes?: number | undefined;
  /** Where to, with `redirect`. */
  readonly location?: string | undefined;
  /** The status, with `status`. */
  readonly status?: number | undefined;
  /** The text of `Retry-After`, as it is: seconds, a date, or nonsense. */
  readonly retryAfter?: string | number | undefined;
  /** The code in the error body, with `status`. */
  readonly code?: string | undefined;
  /** The message in the error body, with `status`. */
  readonly message?: string | undefined;
  /** Meets only calls whose body contains this text, as a firewall's rule does (`guestTokens` alone). Default: all. */
  readonly containing?: string | undefined;
}

export interface Faults {
  /** @throws TypeError on a fault that cannot be */
  add(fault: Fault): void;
  /** The fault that this call meets, oldest first; it counts as met. @param body where a fault asks for it */
  take(call: Call, body?: string): Fault | undefined;
  /** Whether a fault of this call asks what the body contains. */
  readsBody(call: Call): boolean;
  list(): readonly Fault[];
  clear(): void;
}

/** Faults that wait at most. */
const MOST = 1_000;

export const createFaults = (): Faults => {
  let waiting: { readonly fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      const problem = problemWith(fault);
      if (problem) throw new TypeError(`This fault cannot be: ${problem}`);
      if (waiting.length >= MOST) throw new TypeError(`At most ${MOST} faults wait at a time`);
      const { times = 1 } = fault;
      waiting.push({ fault, left: times === 'always' ? Number.POSITIVE_INFINITY : times });
    },
    take(call, body = '') {
      if (waiting.length === 0) return undefined;
      const next = waiting.find(({ fault }) => fault.call === call && body.includes(fault.containing ?? ''));
      if (next === undefined) return undefined;
      next.left -= 1;
      if (next.left <= 0) waiting = waiting.filter((entry) => entry !== next);
      return next.fault;
    },
    readsBody: (call) => waiting.some(({ fault }) => fault.call === call && fault.containing !== undefined),
    list: () => waiting.map(({ fault, left }) => ({ ...fault, times: left === Infinity ? 'always' : left })),
    clear() {
      waiting = [];
    },
  };
};

const ONLY_FOR: Partial<Record<FaultName, readonly Call[]>> = {
  'other-guest': ['guestTokens'],
  'past-expiry': ['guestTokens', 'oauthToken'],
  'other-keys': ['jwks'],
};

const CONNECTING: readonly FaultName[] = ['reset', 'hang', 'delay', 'status'];
const SPEAKING: readonly FaultName[] = [...CONNECTING, 'empty', 'html', 'wrong-shape'];

/** What can go wrong on a socket, and between the platform and the provider; of other calls, everything. */
const possible = (call: Call): readonly FaultName[] => {
  if (call === 'socket') return CONNECTING;
  if ((SOCKET_CALLS as readonly Call[]).includes(call)) return SPEAKING;
  return (PROVIDER_CALLS as readonly Call[]).includes(call) ? [...SPEAKING, 'other-keys'] : FAULTS;
};

const FIELDS = [
  'call',
  'fault',
  'times',
  'ms',
  'bytes',
  'location',
  'status',
  'retryAfter',
  'code',
  'message',
  'containing',
];

const wholeBetween = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isText = (value: unknown) => typeof value === 'string';
/** Whether it can be a header at all: node:http would throw as the answer is written. */
const isHeader = (value: unknown) => {
  try {
    validateHeaderValue('X', String(value));
    return isText(value) || typeof value === 'number';
  } catch {
    return false;
  }
};

const RULES: Partial<Record<keyof Fault, readonly [(value: unknown) => boolean, string]>> = {
  times: [(value) => value === 'always' || wholeBetween(1, 1e9)(value), "a whole number from 1, or 'always'"],
  ms: [wholeBetween(1, 600_000), 'a whole number from 1 to 600000'],
  bytes: [wholeBetween(1, 2 ** 40), 'a whole number from 1'],
  status: [wholeBetween(200, 599), 'a status from 200 to 599'],
  location: [isHeader, 'a text that can be a header'],
  retryAfter: [isHeader, 'a number, or a text that can be a header'],
  code: [isText, 'a text'],
  message: [isText, 'a text'],
  containing: [(value) => isText(value) && value !== '', 'a text that is not empty'],
};

const problemWith = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return 'it is not an object';
  const fault = value as Fault;
  const stray = Object.keys(fault).find((key) => !FIELDS.includes(key));
  if (stray !== undefined) return `it has no field '${stray}'; its fields are ${FIELDS.join(', ')}`;
  if (!CALLS.includes(fault.call)) return `its call must be one of ${CALLS.join(', ')}`;
  if (!FAULTS.includes(fault.fault)) return `its fault must be one of ${FAULTS.join(', ')}`;
  const only = ONLY_FOR[fault.fault];
  if (only && !only.includes(fault.call)) return `'${fault.fault}' is for ${only.join(' and ')} alone`;
  if (fault.containing !== undefined && fault.call !== 'guestTokens')
    return "'containing' is for guestTokens alone";
  const able = possible(fault.call);
  if (!able.includes(fault.fault)) return `faults of ${fault.call} are ${able.join(', ')}`;
  for (const [field, [good, range]] of Object.entries(RULES)) {
    const given = fault[field as keyof Fault];
    if (given !== undefined && !good(given)) return `its ${field} must be ${range}`;
  }
  return undefined;
};
