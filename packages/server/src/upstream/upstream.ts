// The platform as the rest of the server knows it: ask for a guest token, get one or an error that says why not.
import { GuestTokenError } from '../lib/errors.ts';
import { sleep, within } from '../lib/timers.ts';
import type { Call } from '../observe/ports.ts';
import type { GuestToken } from '../store/ports.ts';
import { createAccessTokens } from './access-token.ts';
import { createCalls } from './calls.ts';
import { type Breaker, createBreaker } from './circuit-breaker.ts';
import { askSecret } from './client-secret.ts';
import { guestTokenRequest, readGuestToken } from './guest-token-call.ts';
import { createRefusals, payloadScope } from './negative-cache.ts';
import { oauthRequest, readGrant } from './oauth-call.ts';
import type { AccessToken, Caller, GuestTokenRequest, UpstreamContext, UpstreamOptions } from './ports.ts';
import { FailedTry, publicError, type TriesContext, withTries } from './retry.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { Failure } from './upstream-error.ts';

export interface Upstream {
  /** @throws GuestTokenError */
  issue(request: GuestTokenRequest, caller: Caller): Promise<Issued>;
  readonly oauth: 'unknown' | 'ok' | 'failing';
  readonly breaker: Breaker['state'];
  readonly waiting: number;
  readonly callsLeft: number;
  close(): Promise<void>;
}

export interface Issued {
  readonly token: GuestToken;
  /** Where an earlier try may have issued a token, too: how that try failed. */
  readonly doubt: string | undefined;
}

/** Milliseconds at the end of the deadline that are left to tell the caller why the last try failed. */
const LAST_WORD = 50;

/** The most seconds by which what a refused caller is told is lengthened. */
const MOST_SPREAD = 10;

export const createUpstream = (options: UpstreamOptions, context: UpstreamContext): Upstream => {
  const { endpoints, clientId } = options;
  const { now, random } = context;
  const calls = createCalls(options, { ...context, window: context.slidingWindow });
  const breaker = createBreaker({ now, random, onOpen: calls.refuseAll });
  const retries = createRetryBudget();
  const refusals = createRefusals(now);
  const closing = new AbortController();
  let recent: { readonly failure: Failure; readonly at: number } | undefined;
  const tries: TriesContext = {
    now,
    random,
    sleep: (ms, signal) => sleep(ms, signal ? AbortSignal.any([signal, closing.signal]) : closing.signal),
    mayRetry: retries.spend,
    onFailure: (failure) => {
      recent = { failure, at: now() };
    },
  };

  const lastTryBefore = (deadline: number): number => deadline - Math.min(LAST_WORD, options.deadline / 10);

  /** Nothing came of it in time: what failed meanwhile, for this caller or for all, is the cause. */
  const outOfTime = (startedAt: number): Error =>
    recent && recent.at >= startedAt
      ? new FailedTry(recent.failure)
      : new GuestTokenError('upstream_unavailable', 'No answer within the deadline', { retryAfter: 5 });

  /** Seconds with some more on top, so that those who are refused together do not come back together. */
  const spread = (seconds: number): number =>
    seconds + Math.floor(random() * (1 + Math.min(MOST_SPREAD, seconds / 4)));

  const fetchAccessToken = async (onCall: Caller['onCall']): Promise<AccessToken> => {
    const deadline = lastTryBefore(now() + options.deadline);
    // Everyone waits for it: no guest's call goes before it.
    const ticket = { deadline, known: true, expiresAt: 0, onCall };
    const ask = () =>
      breaker.run(async () => {
        const clientSecret = await askSecret(options.clientSecret, options.timeout);
        const build = () => oauthRequest(endpoints.oauthToken, { clientId, clientSecret });
        return calls.make({ call: 'oauth', build, read: readGrant }, ticket);
      });
    return withTries('oauth', () => onceMoreAfter401('oauth', ask), ticket, tries);
  };
  const accessTokens = createAccessTokens(fetchAccessToken, now, options.deadline, context.accessToken);

  const issueOnce = async (request: GuestTokenRequest, ticket: Caller): Promise<GuestToken> => {
    const accessToken = await accessTokens.get(ticket.onCall);
    const { time } = calls;
    try {
      return await breaker.run(() =>
        calls.make(
          {
            call: 'guest-tokens',
            build: (sentAt) =>
              guestTokenRequest(endpoints.guestTokens, request, accessToken, time.toPlatform(sentAt)),
            read: (answer, sentAt) => readGuestToken(answer, request, sentAt, now(), time),
          },
          ticket,
        ),
      );
    } catch (error) {
      if (isCredentials(error, 'guest-tokens')) accessTokens.drop(accessToken);
      throw error;
    }
  };

  return {
    issue: async (request, caller) => {
      const refused = refusals.recall(() => [SET_UP, setUpOf(request), payloadOf(request)]);
      if (refused) throw refused;
      const startedAt = now();
      const ticket = { ...caller, deadline: lastTryBefore(caller.deadline) };
      let doubt: string | undefined;
      const attempt = async () => {
        try {
          return await issueOnce(request, ticket);
        } catch (error) {
          if (error instanceof FailedTry && error.failure.doubtful) doubt = error.failure.reason;
          throw error;
        }
      };
      try {
        const work = withTries(
          'guest-tokens',
          () => onceMoreAfter401('guest-tokens', attempt),
          ticket,
          tries,
        );
        const token = await within(caller.deadline - startedAt, work, () => outOfTime(startedAt));
        retries.earn();
        return { token, doubt };
      } catch (error) {
        const problem = publicError(error, spread);
        const scope = refusedScope(error, request);
        if (scope) refusals.remember(scope, problem);
        throw problem;
      }
    },
    get oauth() {
      return accessTokens.state;
    },
    get breaker() {
      return breaker.state;
    },
    get waiting() {
      return calls.waiting;
    },
    get callsLeft() {
      return calls.left;
    },
    close: async () => {
      closing.abort();
      await calls.close();
    },
  };
};

const isCredentials = (error: unknown, call: Call): boolean =>
  error instanceof FailedTry && error.failure.kind === 'credentials' && error.failure.call === call;

/** A 401 may mean that the token was revoked or the secret rotated: one more try finds out, at once. */
const onceMoreAfter401 = async <T>(call: Call, attempt: () => Promise<T>): Promise<T> => {
  try {
    return await attempt();
  } catch (error) {
    if (!isCredentials(error, call)) throw error;
    return attempt();
  }
};

/** What a refusal is remembered for: the client, the client with this deployment, or this very payload. */
const SET_UP = 'client';
const setUpOf = ({ webchatId }: GuestTokenRequest): string => `webchat:${webchatId}`;
const payloadOf = ({ guest, webchatId }: GuestTokenRequest): string =>
  payloadScope(JSON.stringify([webchatId, guest.externalId, guest.attributes]));

/** Refusals of what was asked; all others are of who asks, or of where. */
const OF_PAYLOAD: ReadonlySet<number> = new Set([400, 413, 422]);

const refusedScope = (error: unknown, request: GuestTokenRequest): string | undefined => {
  if (!(error instanceof FailedTry)) return undefined;
  const { kind, call, status } = error.failure;
  if (kind !== 'final' && kind !== 'credentials') return undefined;
  if (call === 'oauth') return SET_UP;
  return status !== undefined && OF_PAYLOAD.has(status) ? payloadOf(request) : setUpOf(request);
};
