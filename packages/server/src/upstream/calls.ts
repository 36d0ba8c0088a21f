// Makes one call to the platform: waits for its turn, sends, and learns from the answer what it says of all calls.
import { parseRetryAfter } from '@genesys-guest/common';
import type { Call } from '../observe/ports.ts';
import { shareCallLog } from './call-log.ts';
import { createPlatformTime, type PlatformTime } from './clock-skew.ts';
import { type Answer, createExchange, ExchangeError, type Request } from './http-client.ts';
import type { Caller, SlidingWindow, UpstreamOptions } from './ports.ts';
import { createPlatformCount } from './rate-limit-headers.ts';
import { createEchoes } from './redact.ts';
import { createBudget, type Ticket } from './request-queue.ts';
import { FailedTry } from './retry.ts';
import { createPauses } from './retry-after-pause.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { type Failure, failureOfAnswer, failureOfExchange } from './upstream-error.ts';

/** What is asked of the platform, and how its good answer is read. Times are milliseconds of the core's clock. */
export interface Asking<T> {
  readonly call: Call;
  readonly build: (sentAt: number) => Request;
  /** @throws FailedTry where the answer makes no sense */
  readonly read: (answer: Answer, sentAt: number) => T;
}

export interface Calls {
  /** @throws FailedTry, or BudgetError where the call has not left */
  make<T>(asking: Asking<T>, ticket: Ticket & Pick<Caller, 'onCall'>): Promise<T>;
  /** Refuses all who wait for their turn. */
  refuseAll(error: Error): void;
  readonly time: PlatformTime;
  readonly waiting: number;
  /** Calls that could leave now. */
  readonly left: number;
  close(): Promise<void>;
}

export interface CallsContext {
  readonly now: () => number;
  readonly random: () => number;
  /** The window of all instances, where the store is a shared one. */
  readonly window: SlidingWindow | undefined;
}

export const createCalls = (
  options: UpstreamOptions,
  { now, random, window: shared }: CallsContext,
): Calls => {
  const { endpoints, clientId } = options;
  const exchange = createExchange(options.concurrency);
  const { log, release } = shareCallLog(endpoints.oauthToken, clientId);
  const window = shared ?? createSlidingWindow(options.perMinute, now, log);
  const budget = createBudget(window, options, now);
  const pauses = createPauses(window, { now, random });
  const platformCount = createPlatformCount(window);
  const time = createPlatformTime();
  const echoes = createEchoes();

  const send = async <T>({ call, build, read }: Asking<T>, sentAt: number, timeout: number): Promise<T> => {
    const request = build(sentAt);
    if (call === 'oauth') echoes.remember(request);
    const counted = call === 'guest-tokens' ? platformCount.departed() : undefined;
    const answer = await exchange.post(request, timeout, pauses.mayLeave);
    counted?.(answer.headers);
    if (answer.status === 200 || answer.status === 201) {
      const result = read(answer, sentAt);
      time.learn(answer.headers, now());
      pauses.relax();
      return result;
    }
    const retryAfter = retryAfterOf(answer, time.toPlatform(now()));
    throw new FailedTry(failureOfAnswer(call, echoes.without(answer, request), retryAfter));
  };

  const make = async <T>(asking: Asking<T>, ticket: Ticket & Pick<Caller, 'onCall'>): Promise<T> => {
    const { call } = asking;
    const askedAt = now();
    const leave = await budget.enter(ticket);
    const startedAt = now();
    const tell = (status: number | undefined, failure?: Failure): void => {
      const latencyMs = now() - startedAt;
      ticket.onCall({ call, startedAt, latencyMs, waitedMs: startedAt - askedAt, status, failure });
    };
    try {
      const result = await send(asking, startedAt, Math.min(options.timeout, ticket.deadline - startedAt));
      tell(200);
      return result;
    } catch (error) {
      // A pause began while it waited for a connection: it waits for its turn again.
      if (error instanceof ExchangeError && error.kind === 'held') return make(asking, ticket);
      const failed = error instanceof ExchangeError ? new FailedTry(failureOfExchange(call, error)) : error;
      if (failed instanceof FailedTry) {
        tell(failed.failure.status, failed.failure);
        pauses.heed(failed.failure);
      }
      throw failed;
    } finally {
      leave();
    }
  };

  return {
    make,
    refuseAll: budget.refuseAll,
    time,
    get waiting() {
      return budget.waiting;
    },
    get left() {
      return window.left;
    },
    close: async () => {
      budget.close();
      await exchange.close();
      release();
    },
  };
};

/** A date is meant by the clock of who answered, which may be a proxy: so the answer's own `Date` comes first. */
const retryAfterOf = ({ headers }: Answer, platformNow: number): number | undefined => {
  const answeredAt = Date.parse(headers.date ?? '');
  return parseRetryAfter(headers['retry-after'], Number.isNaN(answeredAt) ? platformNow : answeredAt);
};
