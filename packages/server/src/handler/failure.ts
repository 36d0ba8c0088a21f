// What becomes of a failed request: a line in the log with the fix, a count, and the problem that is answered.
import { problem } from '../lib/answers.ts';
import { GuestTokenError, isGuestTokenError } from '../lib/errors.ts';
import { errorName, type Log } from '../observe/log.ts';
import type { Observer } from '../observe/observer.ts';
import type { HttpRequest } from './ports.ts';

export type FailureOf = ReturnType<typeof createFailureOf>;

/** Faults of the site itself: what its `identify` did. */
const HOST_FAULTS: ReadonlySet<string> = new Set(['guest_invalid', 'identify_failed']);

/** What the log says of each refusal, and what to do about it. */
const LINES: Readonly<Record<string, readonly ['warn' | 'error' | 'info', string]>> = {
  origin_forbidden: [
    'warn',
    'A page of another origin was refused: list the origin in `allowedOrigins` if it is yours (codes of members go to the own origin alone); behind a proxy that changes Host set `publicOrigin`',
  ],
  not_admitted: ['info', 'A visitor was not admitted: admit(req) did not return true'],
  too_many_guests: [
    'info',
    'A visitor was refused: the address or the guest caused too many calls (`mintsPerMinute`)',
  ],
  guest_invalid: ['error', 'identify(req) returned a guest that Genesys Cloud would refuse'],
  identify_failed: [
    'error',
    'identify(req) failed or took over 5 s: check it; the error itself goes to the error handling of the site',
  ],
};

const UNEXPECTED = ['error', 'A request failed for a reason of our own, or of other middleware'] as const;

export const createFailureOf =
  (log: Log, count: Observer['count']) => (error: unknown, request: HttpRequest) => {
    const ours = isGuestTokenError(error);
    const shown = ours
      ? error
      : new GuestTokenError('upstream_unavailable', 'Unexpected', { retryAfter: 30 });
    const line = ours ? LINES[error.code] : UNEXPECTED;
    if (ours) count('refused', error.code);
    if (line) log(line[0], line[1], fieldsOf(error, request));
    return {
      /** A fault of the site itself, which its own error handling is to see where it has one. */
      ofHost: !ours || HOST_FAULTS.has(error.code),
      answer: problem(shown),
    };
  };

/** Names of fields and kinds of errors: their values and texts might be anybody's secret. */
const fieldsOf = (error: unknown, { headers }: HttpRequest) => {
  if (!isGuestTokenError(error)) return { error: errorName(error) };
  const { code, errors, cause } = error;
  return {
    code,
    ...(code === 'origin_forbidden' && { origin: originOf(headers.origin) }),
    ...(errors && { fields: errors.map(({ field, message }) => `${field} ${message}`).join('; ') }),
    ...(cause !== undefined && { error: errorName(cause) }),
  };
};

/** What a browser writes, or nothing: the header is the visitor's to write. */
const originOf = (header: string | undefined): string | undefined =>
  header !== undefined && header.length < 256 && URL.canParse(header) ? new URL(header).origin : undefined;
