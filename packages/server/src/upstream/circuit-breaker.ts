// Keeps the crowd away from a platform that is down: one probe now and then until it answers again.
import { backoff } from '@genesys-guest/common';
import type { GuestTokenError } from '../lib/errors.ts';
import { type Failure, UpstreamError, unavailable } from './upstream-error.ts';

export interface CircuitBreakerContext {
  readonly now: () => number;
  readonly random: () => number;
  /** Hears when the platform is taken to be down: whoever waits for a turn need not wait. */
  readonly onOpen: (error: GuestTokenError) => void;
}

/** Failures in a row after which the platform is taken to be down. */
const THRESHOLD = 10;

/** Between two probes, in ms: doubled from one to the next, and half of it at random so that instances do not probe in step. */
const PROBES = { base: 500, cap: 15_000 } as const;

export class CircuitBreaker {
  readonly #context: CircuitBreakerContext;
  #failures = 0;
  /** Times that it was opened since the platform last answered. */
  #opened = 0;
  #probeAt = 0;
  #probing = false;
  #last: Failure | undefined;

  constructor(context: CircuitBreakerContext) {
    this.#context = context;
  }

  get state(): 'closed' | 'half-open' | 'open' {
    if (this.#opened === 0) return 'closed';
    return this.#probing ? 'half-open' : 'open';
  }

  /** @throws GuestTokenError `upstream_unavailable` where no call may leave now */
  check(): void {
    if (this.#opened > 0 && (this.#probing || this.#context.now() < this.#probeAt)) throw this.#down();
  }

  /** @throws what {@link check} throws, or what `call` throws */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.check();
    const isProbe = this.#opened > 0;
    this.#probing = isProbe;
    try {
      const result = await call();
      this.#close();
      return result;
    } catch (error) {
      if (isAnswer(error)) this.#close();
      else this.#failed(error, isProbe);
      throw error;
    }
  }

  #close(): void {
    this.#failures = 0;
    this.#opened = 0;
    this.#probing = false;
  }

  #failed(error: unknown, isProbe: boolean): void {
    const isDown = error instanceof UpstreamError && error.failure.kind === 'transient';
    if (isDown) {
      this.#last = error.failure;
      this.#failures += 1;
    }
    // A probe that never left, because its caller hung up or its turn did not come, has shown nothing.
    if (isProbe || (isDown && this.#failures === THRESHOLD)) this.#open();
  }

  #open(): void {
    const { now, random, onOpen } = this.#context;
    this.#opened += 1;
    this.#probing = false;
    const shortest = Math.min(PROBES.cap, PROBES.base * 2 ** (this.#opened - 1));
    this.#probeAt = now() + backoff(this.#opened, PROBES, random(), shortest);
    onOpen(this.#down());
  }

  #down(): GuestTokenError {
    const last = this.#last ? `, the last: ${this.#last.reason}. ${this.#last.fix}` : '';
    return unavailable(
      `Genesys Cloud is taken to be down after repeated failures${last}`,
      1 + Math.ceil(Math.max(0, this.#probeAt - this.#context.now()) / 1_000),
      this.#last?.correlationId,
    );
  }
}

/** What the platform refuses (4xx) and what it paces (429) is an answer: it is not down. */
const isAnswer = (error: unknown): boolean => {
  const status = error instanceof UpstreamError ? (error.failure.status ?? 0) : 0;
  return status >= 400 && status < 500;
};
