// The platform as the rest of the server knows it: ask for a guest token, get one or an error that says why not.
import { GuestTokenError } from '../lib/errors.ts';
import type { GuestToken } from '../store/ports.ts';
import { AccessTokens } from './access-token.ts';
import { ApiClient, type Operation } from './api-client.ts';
import { guestTokenRequest, readGuestToken } from './guest-token-call.ts';
import { NegativeCache } from './negative-cache.ts';
import { askSecret, credentialHint, oauthRequest, readGrant } from './oauth-call.ts';
import type {
  AccessToken,
  Budget,
  Caller,
  GuestTokenRequest,
  UpstreamContext,
  UpstreamOptions,
} from './ports.ts';
import { toGuestTokenError, UpstreamError } from './upstream-error.ts';

/** Milliseconds at the end of the deadline that are left to tell the caller why there is no access token. */
const LAST_WORD = 50;

/** Seconds over which refused callers are told to come back, so that they do not come back together. */
const SPREAD = 10;

export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #context: UpstreamContext;
  readonly #api: ApiClient;
  readonly #accessTokens: AccessTokens;
  readonly #refusals: NegativeCache;

  constructor(options: UpstreamOptions, context: UpstreamContext) {
    this.#options = options;
    this.#context = context;
    this.#api = new ApiClient(options, context);
    this.#refusals = new NegativeCache(context.now);
    // Less than the callers have: they are told why it failed.
    const timeLimit = options.deadline - Math.min(LAST_WORD, options.deadline / 10);
    this.#accessTokens = new AccessTokens(context, this.#fetchAccessToken.bind(this), timeLimit);
  }

  /**
   * By the caller's deadline, whoever works on it.
   * @returns the token; `doubt` where an earlier try may have issued one, too: how that try failed
   * @throws GuestTokenError
   */
  async issue(request: GuestTokenRequest, caller: Caller) {
    const refusal = this.#refusals.recall(request);
    if (refusal) throw refusal;
    try {
      const { result, doubt } = await this.#api.request(this.#issueOperation(request, caller), caller);
      this.#refusals.succeeded(request);
      return { token: result, doubt };
    } catch (error) {
      const problem = this.#spread(toGuestTokenError(error));
      if (error instanceof UpstreamError) this.#refusals.remember(request, error.failure, problem);
      throw problem;
    }
  }

  get state() {
    const { breaker, window, waiting } = this.#api;
    const budget: Budget = { perMinute: this.#options.perMinute, left: window.left, waiting };
    return { oauth: this.#accessTokens.state, breaker: breaker.state, budget };
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  #issueOperation(request: GuestTokenRequest, caller: Caller): Operation<AccessToken, GuestToken> {
    const { skew } = this.#api;
    return {
      call: 'guest-tokens',
      credential: () => this.#accessTokens.get(caller),
      build: (accessToken, sentAt) =>
        guestTokenRequest(this.#options.endpoints.guestTokens, request, accessToken, skew.toPlatform(sentAt)),
      read: (answer, sentAt) => readGuestToken(answer, request, sentAt, this.#context.now(), skew),
      refused: (accessToken, status) => {
        if (status === 401) this.#accessTokens.drop(accessToken);
        return '';
      },
      check: () => {
        // Found out while this call waited for its turn.
        const refusal = this.#refusals.recall(request);
        if (refusal) throw refusal;
      },
    };
  }

  async #fetchAccessToken(deadline: number, onCall: Caller['onCall']): Promise<AccessToken> {
    const { endpoints, clientId, clientSecret, timeout } = this.#options;
    const operation: Operation<string, AccessToken> = {
      call: 'oauth',
      credential: (closing) =>
        askSecret(clientSecret, Math.min(timeout, deadline - this.#context.now()), closing),
      build: (secret) => oauthRequest(endpoints.oauthToken, clientId, secret),
      read: readGrant,
      refused: (secret, status) => (status === 400 || status === 401 ? credentialHint(clientId, secret) : ''),
    };
    // Everyone waits for it: no guest's call goes before it.
    const caller = { deadline, priority: 'known' as const, expiresAt: 0, onCall };
    return (await this.#api.request(operation, caller)).result;
  }

  #spread(problem: GuestTokenError): GuestTokenError {
    const { code, message, retryAfter, correlationId } = problem;
    if (retryAfter === undefined) return problem;
    const later = retryAfter + Math.floor(this.#context.random() * (SPREAD + 1));
    return new GuestTokenError(code, message, { retryAfter: later, correlationId });
  }
}
