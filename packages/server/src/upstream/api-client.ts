// One request to the platform, from the caller's wish to the answer: its turn, time limit, breaker, and what is tried again.
import { backoff } from '@genesys-guest/common';
import { isGuestTokenError } from '../lib/errors.ts';
import { sleep } from '../lib/timers.ts';
import type { Call } from '../observe/ports.ts';
import { shareCallLog } from './call-log.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ClockSkew } from './clock-skew.ts';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  HttpError,
  type HttpRequest,
} from './http-client.ts';
import type { Caller, UpstreamContext, UpstreamOptions } from './ports.ts';
import { PlatformCount, retryAfterOf } from './rate-limit-headers.ts';
import { RequestQueue } from './request-queue.ts';
import { RetryAfterPause } from './retry-after-pause.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { errorOfAnswer, errorOfHttp, UpstreamError } from './upstream-error.ts';

/** What is asked of the platform. Times are milliseconds of the clock that the tokens are judged by. */
export interface Operation<Credential, Result> {
  readonly call: Call;
  /** What the call is authorised with. Asked for again at each try. */
  readonly credential: () => Promise<Credential>;
  readonly build: (credential: Credential, sentAt: number) => HttpRequest;
  /** @throws UpstreamError where the answer makes no sense */
  readonly read: (answer: HttpAnswer, sentAt: number) => Result;
  /** The platform refused. Says what may be wrong with the credential, if it shows. */
  readonly refused: (credential: Credential, status: number) => string;
  /** Called when the call is about to leave. @throws where it would be of no use any more */
  readonly check?: () => void;
}

export interface Outcome<Result> {
  readonly result: Result;
  /** Where an earlier try may have done its work, too: how that try failed. */
  readonly doubt: string | undefined;
}

/** Back-off between tries, in ms. */
const BACKOFF = { base: 200, cap: 5_000 } as const;

/** A pause began while the call waited for a connection: it waits for its turn again. */
const HELD = new Error('held');

export class ApiClient {
  readonly #options: UpstreamOptions;
  readonly #context: UpstreamContext;
  readonly #http: HttpClient;
  readonly #queue: RequestQueue;
  readonly #pause: RetryAfterPause;
  readonly #platformCount: PlatformCount;
  readonly #breaker: CircuitBreaker;
  readonly #closing = new AbortController();
  readonly #releaseLog: () => void;
  readonly window: NonNullable<UpstreamContext['slidingWindow']>;
  readonly skew = new ClockSkew();
  /** The newest failure of any caller's try. */
  lastFailure: { readonly error: UpstreamError; readonly at: number } | undefined;

  constructor(options: UpstreamOptions, context: UpstreamContext) {
    const { endpoints, clientId, perMinute, concurrency, dispatcher } = options;
    const { now, random } = context;
    const { log, release } = shareCallLog(endpoints.oauthToken, clientId);
    this.#options = options;
    this.#context = context;
    this.#releaseLog = release;
    this.window = context.slidingWindow ?? createSlidingWindow(perMinute, now, log);
    this.#http = createHttpClient(concurrency, dispatcher);
    this.#queue = new RequestQueue(this.window, options, now);
    this.#pause = new RetryAfterPause(this.window, now, random);
    this.#platformCount = new PlatformCount(this.window);
    this.#breaker = new CircuitBreaker({ now, random, onOpen: (error) => this.#queue.refuseAll(error) });
  }

  /**
   * Tries again where that can help and the caller's deadline allows: full-jitter back-off above what the platform asked
   * for, and once at once after a 401, which may mean that the token was revoked or the secret rotated.
   * @throws UpstreamError of the last try, or a GuestTokenError where no call may leave
   */
  async request<C, R>(operation: Operation<C, R>, caller: Caller): Promise<Outcome<R>> {
    const { now, random } = this.#context;
    let last: UpstreamError | undefined;
    let doubt: string | undefined;
    let authorizedAgain = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return { result: await this.#try(operation, caller), doubt };
      } catch (error) {
        // That no further try may leave says less than why the one before it failed.
        if (last && isGuestTokenError(error) && error.code === 'upstream_limited') throw last;
        if (!(error instanceof UpstreamError)) throw error;
        const { kind, call, reason, doubtful, retryAfter = 0 } = error.failure;
        this.lastFailure = { error, at: now() };
        // What a call needs beforehand has tries of its own.
        if (call !== operation.call || kind === 'final') throw error;
        if (doubtful) doubt = reason;
        if (kind === 'credentials') {
          if (authorizedAgain) throw error;
          authorizedAgain = true;
          continue;
        }
        last = error;
        const wait = backoff(tries, BACKOFF, random(), retryAfter * 1_000);
        if (now() + wait >= caller.deadline || caller.signal?.aborted) throw error;
        await sleep(wait, AbortSignal.any([this.#closing.signal, ...(caller.signal ? [caller.signal] : [])]));
      }
    }
  }

  get breaker(): CircuitBreaker['state'] {
    return this.#breaker.state;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#queue.close();
    await this.#http.close();
    this.#releaseLog();
  }

  async #try<C, R>(operation: Operation<C, R>, caller: Caller): Promise<R> {
    this.#breaker.check();
    const credential = await operation.credential();
    return this.#breaker.run(async () => {
      for (;;) {
        const askedAt = this.#context.now();
        const leave = await this.#queue.enter(caller);
        try {
          return await this.#send(operation, credential, caller, askedAt);
        } catch (error) {
          if (error !== HELD) throw error;
        } finally {
          leave();
        }
      }
    });
  }

  async #send<C, R>(operation: Operation<C, R>, credential: C, caller: Caller, askedAt: number): Promise<R> {
    const { now } = this.#context;
    const { call } = operation;
    const startedAt = now();
    const request = operation.build(credential, startedAt);
    const tell = (status: number | undefined, failure?: UpstreamError['failure']): void =>
      caller.onCall({
        call,
        startedAt,
        latencyMs: now() - startedAt,
        waitedMs: startedAt - askedAt,
        status,
        failure,
      });
    try {
      const answer = await this.#post(
        operation,
        request,
        Math.min(this.#options.timeout, caller.deadline - startedAt),
      );
      const result = this.#read(operation, credential, answer, startedAt);
      tell(answer.status);
      return result;
    } catch (error) {
      const failed = error instanceof HttpError ? errorOfHttp(call, request.url, error) : error;
      if (failed instanceof UpstreamError) {
        tell(failed.failure.status, failed.failure);
        this.#pause.heed(failed.failure);
      }
      throw failed;
    }
  }

  async #post<C, R>(operation: Operation<C, R>, request: HttpRequest, timeout: number): Promise<HttpAnswer> {
    const counted = operation.call === 'guest-tokens' ? this.#platformCount.departed() : undefined;
    const answer = await this.#http.post(request, timeout, () => {
      try {
        if (this.#pause.active) throw HELD;
        operation.check?.();
      } catch (error) {
        this.window.giveBack();
        throw error;
      }
    });
    counted?.(answer.headers);
    return answer;
  }

  /** @throws UpstreamError where the answer is not what was asked for */
  #read<C, R>(operation: Operation<C, R>, credential: C, answer: HttpAnswer, sentAt: number): R {
    const { now } = this.#context;
    const { status, headers } = answer;
    if (status === 200 || status === 201) {
      const result = operation.read(answer, sentAt);
      this.skew.learn(headers, now());
      this.#pause.relax();
      return result;
    }
    const retryAfter = retryAfterOf(headers, this.skew.toPlatform(now()));
    throw errorOfAnswer(operation.call, answer, retryAfter, operation.refused(credential, status));
  }
}
