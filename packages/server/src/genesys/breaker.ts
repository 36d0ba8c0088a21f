// Keeps the crowd away from a platform that is down: one probe now and then until it answers again.
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { GuestTokenError } from '../errors.ts';
import { FailedTry } from './tries.ts';

export interface Breaker {
  /** @throws GuestTokenError `upstream_unavailable` without a call where the platform is taken to be down */
  run<T>(call: () => Promise<T>): Promise<T>;
  readonly state: 'closed' | 'half-open' | 'open';
}

/** Failures in a row after which the platform is taken to be down. */
const THRESHOLD = 10;

/** Between two probes, in ms; jittered by the library, so that instances do not probe in step. */
const PROBES = { initialDelay: 1_000, maxDelay: 30_000 } as const;

/** Seconds that a caller is told while the breaker is open, spread so that they do not all come back at once. */
const retryIn = (random: () => number): number => 5 + Math.floor(random() * 10);

export const createBreaker = (random: () => number): Breaker => {
  // What the platform refuses (4xx) and what it paces (429) is an answer: it is not down.
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof FailedTry && error.failure.kind === 'transient'),
    { halfOpenAfter: new ExponentialBackoff(PROBES), breaker: new ConsecutiveBreaker(THRESHOLD) },
  );
  return {
    run: async (call) => {
      try {
        return await policy.execute(call);
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        throw new GuestTokenError(
          'upstream_unavailable',
          'Genesys Cloud is taken to be down after repeated failures',
          {
            retryAfter: retryIn(random),
          },
        );
      }
    },
    get state() {
      if (policy.state === CircuitState.Closed) return 'closed';
      return policy.state === CircuitState.HalfOpen ? 'half-open' : 'open';
    },
  };
};
