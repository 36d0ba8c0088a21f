// Keeps the crowd away from a platform that is down: one probe now and then until it answers again.
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
} from 'cockatiel';
import { GuestTokenError } from '../lib/errors.ts';
import { FailedTry } from './retry.ts';
import type { Failure } from './upstream-error.ts';

export interface Breaker {
  /** @throws GuestTokenError `upstream_unavailable` without a call where the platform is taken to be down */
  run<T>(call: () => Promise<T>): Promise<T>;
  readonly state: 'closed' | 'half-open' | 'open';
}

export interface BreakerContext {
  readonly now: () => number;
  readonly random: () => number;
  /** Hears when the platform is taken to be down: whoever waits for a turn need not wait. */
  readonly onOpen: (error: GuestTokenError) => void;
}

/** Failures in a row after which the platform is taken to be down. */
const THRESHOLD = 10;

/** Between two probes, in ms: doubled from one to the next, and jittered so that instances do not probe in step. */
const PROBES = { first: 1_000, most: 30_000 } as const;

/** Seconds over which callers are told to come back, so that a platform that recovers does not meet them all at once. */
const SPREAD = 10;

type Outcome<T> = { readonly value: T } | { readonly refusal: FailedTry };

export const createBreaker = ({ now, random, onOpen }: BreakerContext): Breaker => {
  let probeAt = 0;
  let last: Failure | undefined;

  // cockatiel compares its wait with Date.now(), which an operator may set: so its wait ends when our clock says so.
  const waitForProbe = (attempt: number): IBackoff<unknown> => {
    const wait = Math.min(PROBES.most, PROBES.first * 2 ** (attempt - 1));
    const until = now() + (wait * (1 + random())) / 2;
    probeAt = until;
    return {
      get duration() {
        return now() >= until ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      },
      next: () => waitForProbe(attempt + 1),
    };
  };

  const policy = circuitBreaker(
    // A probe that never left, because its caller hung up or its turn did not come, has shown nothing.
    handleWhen((error) => isDown(error) || policy.state === CircuitState.HalfOpen),
    { halfOpenAfter: { next: () => waitForProbe(1) }, breaker: new ConsecutiveBreaker(THRESHOLD) },
  );
  policy.onBreak(() => onOpen(down()));

  const down = (): GuestTokenError =>
    new GuestTokenError(
      'upstream_unavailable',
      `Genesys Cloud is taken to be down after repeated failures${last ? `, the last: ${last.reason}. ${last.fix}` : ''}`,
      {
        retryAfter: 1 + Math.ceil(Math.max(0, probeAt - now()) / 1_000) + Math.floor(random() * SPREAD),
        correlationId: last?.correlationId,
      },
    );

  const attempt = async <T>(call: () => Promise<T>): Promise<Outcome<T>> => {
    try {
      return { value: await call() };
    } catch (error) {
      if (isRefusal(error)) return { refusal: error };
      if (isDown(error)) last = error.failure;
      throw error;
    }
  };

  return {
    run: async (call) => {
      // cockatiel would let everyone wait for the probe and then go at once.
      if (policy.state === CircuitState.HalfOpen) throw down();
      try {
        const outcome = await policy.execute(() => attempt(call));
        if ('value' in outcome) return outcome.value;
        throw outcome.refusal;
      } catch (error) {
        throw error instanceof BrokenCircuitError ? down() : error;
      }
    },
    get state() {
      if (policy.state === CircuitState.Closed) return 'closed';
      return policy.state === CircuitState.HalfOpen ? 'half-open' : 'open';
    },
  };
};

/** What the platform refuses (4xx) and what it paces (429) is an answer: it is not down. */
const isRefusal = (error: unknown): error is FailedTry => {
  if (!(error instanceof FailedTry)) return false;
  const { status = 0 } = error.failure;
  return status >= 400 && status < 500;
};

const isDown = (error: unknown): error is FailedTry =>
  error instanceof FailedTry && error.failure.kind === 'transient' && !isRefusal(error);
