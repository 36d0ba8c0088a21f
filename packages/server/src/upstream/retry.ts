// Tries a call again where that can help, within a deadline: full-jitter back-off above what the platform asked for.
import { backoff } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import type { Call } from '../observe/ports.ts';
import { BudgetError } from './request-queue.ts';
import { LONGEST_PAUSE } from './sliding-window.ts';
import type { Failure } from './upstream-error.ts';

/** A try that failed, with what is known of it. */
export class FailedTry extends Error {
  override readonly name = 'FailedTry';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

export interface TriesContext {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Asked before a repetition: false where repeating has been of no use lately. */
  readonly mayRetry: () => boolean;
  /** Hears of each failed try. */
  readonly onFailure: (failure: Failure) => void;
}

export interface TriesOptions {
  /** Milliseconds of the context's clock at which no further try may start. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** Back-off between tries, in ms. */
const BACKOFF = { base: 200, cap: 5_000 } as const;

/**
 * Repeats failures of this call alone: what a try needs beforehand has tries of its own.
 * @throws the last try's {@link FailedTry}, or whatever else a try throws
 */
export const withTries = async <T>(
  call: Call,
  attempt: () => Promise<T>,
  { deadline, signal }: TriesOptions,
  { now, random, sleep, mayRetry, onFailure }: TriesContext,
): Promise<T> => {
  let last: FailedTry | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      // That no further try may leave says less than why the one before it failed.
      if (last && error instanceof BudgetError && error.why === 'limited') throw last;
      if (!(error instanceof FailedTry)) throw error;
      onFailure(error.failure);
      if (error.failure.call !== call || !isPassing(error.failure)) throw error;
      last = error;
      const wait = backoff(tries, BACKOFF, random(), (error.failure.retryAfter ?? 0) * 1_000);
      if (now() + wait >= deadline || signal?.aborted || !mayRetry()) throw error;
      await sleep(wait, signal);
    }
  }
};

const isPassing = ({ kind }: Failure): boolean => kind !== 'final' && kind !== 'credentials';

/** Seconds that a caller is told where the platform named none. */
const RETRY_IN = { limited: 10, transient: 5 } as const;

/**
 * What the callers of guest tokens see of it: codes and seconds; the reason is for the log and the audit.
 * @param spread lengthens the seconds that callers are told, so that they do not all come back at once
 */
export const publicError = (
  error: unknown,
  spread: (seconds: number) => number = (seconds) => seconds,
): GuestTokenError => {
  if (error instanceof GuestTokenError) return error;
  if (error instanceof BudgetError) return budgetProblem(error, spread);
  if (!(error instanceof FailedTry)) return unavailable('The call failed before it left');
  const { kind, call, reason, fix, correlationId } = error.failure;
  const retryAfter = spread(
    // Longer is not believed: one call goes to see by then.
    Math.min(
      // 0 says no more than nothing.
      error.failure.retryAfter || RETRY_IN[kind === 'limited' ? 'limited' : 'transient'],
      LONGEST_PAUSE / 1_000,
    ),
  );
  const name = call === 'oauth' ? 'OAuth' : 'guest-token';
  const message = `The ${name} call failed. ${reason}. ${fix}`;
  if (kind === 'limited') {
    return new GuestTokenError('upstream_limited', message, { correlationId, retryAfter });
  }
  if (kind === 'transient' || kind === 'host') return unavailable(message, retryAfter, correlationId);
  return new GuestTokenError('upstream_rejected', message, { correlationId });
};

const budgetProblem = (
  { why, retryIn }: BudgetError,
  spread: (seconds: number) => number,
): GuestTokenError =>
  why === 'limited'
    ? new GuestTokenError(
        'upstream_limited',
        'The limit of calls to Genesys Cloud is reached, and the wait would be too long',
        { retryAfter: spread(Math.ceil(retryIn / 1_000)) },
      )
    : unavailable(why === 'closed' ? 'The guest tokens are closed' : 'The caller hung up');

const unavailable = (message: string, retryAfter: number = RETRY_IN.transient, correlationId?: string) =>
  new GuestTokenError('upstream_unavailable', message, { retryAfter, correlationId });
