// One request to the platform, from the caller's wish to the answer: its turn, time limit, breaker, and what is tried again.
import { backoff } from '@genesys-guest/common';
import { isGuestTokenError } from '../lib/errors.ts';
import { isPromise } from '../lib/promise.ts';
import { sleep } from '../lib/timers.ts';
import type { Call } from '../observe/ports.ts';
import { callLogOf } from './call-log.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { ClockSkew } from './clock-skew.ts';
import { createHttpClient, type HttpAnswer, HttpError, type HttpRequest } from './http-client.ts';
import type { Caller, SlidingWindow, UpstreamContext, UpstreamOptions } from './ports.ts';
import { createPlatformCount, retryAfterOf } from './rate-limit-headers.ts';
import { RequestQueue } from './request-queue.ts';
import { createRetryAfterPause } from './retry-after-pause.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { errorOfAnswer, errorOfHttp, type Failure, UpstreamError } from './upstream-error.ts';

/** What is asked of the platform. Times are milliseconds of the clock that the tokens are judged by. */
export interface Operation<Credential, Result> {
  readonly call: Call;
  /** What the call is authorised with. Asked for again at each try, until all is closing. */
  readonly credential: (closing: AbortSignal) => Credential | PromiseLike<Credential>;
  readonly build: (credential: Credential, sentAt: number) => HttpRequest;
  /** @throws UpstreamError where the answer makes no sense */
  readonly read: (answer: HttpAnswer, sentAt: number) => Result;
  /** The platform refused. Says what may be wrong with the credential, if it shows. */
  readonly refused: (credential: Credential, status: number) => string;
  /** Called when the call is about to leave. @throws where it would be of no use any more */
  readonly check?: () => void;
}

/** Back-off between tries, in ms. */
const BACKOFF = { base: 200, cap: 5_000 } as const;

/** Thrown if a pause began while the call waited for a connection: the call goes back into the queue. */
const HELD = new Error('held');

/** By how many ms a timer may be early. */
const TIMER = 1;

const isLimited = (error: unknown): boolean => isGuestTokenError(error) && error.code === 'upstream_limited';

export class ApiClient {
  readonly #options: UpstreamOptions;
  readonly #context: UpstreamContext;
  readonly #http: ReturnType<typeof createHttpClient>;
  readonly #queue: RequestQueue;
  readonly #pause: ReturnType<typeof createRetryAfterPause>;
  readonly #platformCount: ReturnType<typeof createPlatformCount>;
  readonly #closing = new AbortController();
  readonly breaker: ReturnType<typeof createCircuitBreaker>;
  readonly window: SlidingWindow;
  readonly skew = new ClockSkew();

  constructor(options: UpstreamOptions, context: UpstreamContext) {
    const { now, random, slidingWindow } = context;
    this.#options = options;
    this.#context = context;
    const log = callLogOf(options.endpoints.oauthToken, options.clientId);
    this.window = slidingWindow ?? createSlidingWindow(options.perMinute, now, log);
    this.#http = createHttpClient(options.concurrency, options.dispatcher);
    this.#queue = new RequestQueue(this.window, options, now);
    this.#pause = createRetryAfterPause(this.window, now, random);
    this.#platformCount = createPlatformCount(this.window);
    this.breaker = createCircuitBreaker(now, random, (error) => this.#queue.refuseAll(error));
  }

  /**
   * Tries again where that can help and the caller's deadline allows: full-jitter back-off above what the platform asked
   * for, and once at once after a 401, which may mean that the token was revoked or the secret rotated.
   * @returns the result; `doubt` where an earlier try may have done its work, too: how that try failed
   * @throws UpstreamError of the last try, or a GuestTokenError where no call may leave
   */
  async request<C, R>(operation: Operation<C, R>, caller: Caller) {
    let last: UpstreamError | undefined;
    let doubt: string | undefined;
    let authorizedAgain = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return { result: await this.#try(operation, caller), doubt };
      } catch (error) {
        // Why the last try failed tells more than that no further one may leave, or had no time for its answer.
        if (last && (isLimited(error) || this.#context.now() >= caller.deadline - TIMER)) throw last;
        if (!(error instanceof UpstreamError)) throw error;
        const { kind, call, reason, doubtful } = error.failure;
        // The credential's own call, which failed here, has had tries of its own.
        if (call !== operation.call || kind === 'final' || (kind === 'credentials' && authorizedAgain))
          throw error;
        if (doubtful) doubt = reason;
        if (kind === 'credentials') authorizedAgain = true;
        else if (!(await this.#backOff(tries, error.failure, caller))) throw error;
        last = error;
      }
    }
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#queue.close();
    await this.#http.close();
  }

  /** Waits before the next try. @returns false if the wait would pass the caller's deadline */
  async #backOff(tries: number, { retryAfter = 0 }: Failure, { deadline, signal }: Caller): Promise<boolean> {
    const { now, random } = this.#context;
    const wait = backoff(tries, BACKOFF, random(), retryAfter * 1_000);
    if (now() + wait >= deadline || signal?.aborted) return false;
    const closing = this.#closing.signal;
    // A signal of its own: more than ten who listen to one are a warning of Node.
    await sleep(wait, AbortSignal.any(signal ? [closing, signal] : [closing]));
    return !closing.aborted;
  }

  async #try<C, R>(operation: Operation<C, R>, caller: Caller): Promise<R> {
    this.breaker.check();
    const given = operation.credential(this.#closing.signal);
    const credential = isPromise(given) ? await given : given;
    const isProbe = this.breaker.began();
    for (;;) {
      let leave: (() => void) | undefined;
      try {
        const askedAt = this.#context.now();
        leave = await this.#queue.enter(caller);
        const result = await this.#send(operation, credential, caller, askedAt);
        this.breaker.ended(isProbe);
        return result;
      } catch (error) {
        if (error === HELD) continue;
        this.breaker.ended(isProbe, error);
        throw error;
      } finally {
        leave?.();
      }
    }
  }

  async #send<C, R>(operation: Operation<C, R>, credential: C, caller: Caller, askedAt: number): Promise<R> {
    const { now } = this.#context;
    const { call } = operation;
    const startedAt = now();
    const request = operation.build(credential, startedAt);
    const tell = (status?: number, failure?: Failure): void => {
      const latencyMs = now() - startedAt;
      caller.onCall({ call, startedAt, latencyMs, waitedMs: startedAt - askedAt, status, failure });
    };
    const counted = call === 'guest-tokens' ? this.#platformCount() : undefined;
    try {
      const timeout = Math.min(this.#options.timeout, caller.deadline - startedAt);
      const answer = await this.#http.post(request, timeout, () => this.#beforeLeaving(operation.check));
      counted?.(answer.headers);
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

  #beforeLeaving(check: (() => void) | undefined): void {
    try {
      if (this.#pause.active) throw HELD;
      check?.();
    } catch (error) {
      this.window.giveBack();
      throw error;
    }
  }

  /** @throws UpstreamError where the answer is not what was asked for */
  #read<C, R>(operation: Operation<C, R>, credential: C, answer: HttpAnswer, sentAt: number): R {
    const { status, headers } = answer;
    const now = this.#context.now();
    if (status === 200 || status === 201) {
      const result = operation.read(answer, sentAt);
      this.skew.learn(headers, now);
      this.#pause.relax();
      return result;
    }
    // Also from a refusal: a clock that is wrong may be what it refused, and the next call asks for the right expiry.
    if (status < 500) this.skew.learn(headers, now);
    const retryAfter = retryAfterOf(headers, this.skew.toPlatform(now));
    const hint = operation.refused(credential, status) + this.skew.hint;
    throw errorOfAnswer(operation.call, answer, retryAfter, hint);
  }
}
