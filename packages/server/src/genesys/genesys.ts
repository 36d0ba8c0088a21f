// The platform as the rest of the server knows it: ask for a guest token, get one or an error that says why not.
import { parseRetryAfter } from '@genesys-guest/common';
import type { TokenSettings } from '../options/settings.ts';
import type { GuestToken } from '../store/store.ts';
import { type AccessToken, createAccessTokens } from './access-token.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { createBudget, type Ticket } from './budget.ts';
import { type CallWindow, createCallWindow } from './call-window.ts';
import { type Answer, createExchange, ExchangeError, type Request } from './exchange.ts';
import { type GuestTokenRequest, guestTokenRequest, readGuestToken } from './guest-token-call.ts';
import { oauthRequest, readGrant } from './oauth-call.ts';
import { type Call, type Failure, failureOfAnswer, failureOfExchange } from './platform-errors.ts';
import { createPlatformTime } from './platform-time.ts';
import { createRefusals, payloadScope } from './refusals.ts';
import { createRetryBudget } from './retry-budget.ts';
import { FailedTry, publicError, type TriesContext, withTries } from './tries.ts';
import { sleep, within } from './waiting.ts';

export type Caller = Pick<Ticket, 'known' | 'expiresAt' | 'signal'>;

export interface Genesys {
  /** @throws GuestTokenError */
  issue(request: GuestTokenRequest, caller: Caller): Promise<GuestToken>;
  readonly oauth: 'unknown' | 'ok' | 'failing';
  readonly breaker: Breaker['state'];
  readonly waiting: number;
  readonly callsLeft: number;
  close(): Promise<void>;
}

export interface GenesysContext {
  readonly now: () => number;
  readonly random: () => number;
  /** Hears of each call that has left, with its milliseconds. */
  readonly onCall: (call: Call, latencyMs: number, failure: Failure | undefined) => void;
}

export const createGenesys = (settings: TokenSettings, context: GenesysContext): Genesys => {
  const { upstream, endpoints } = settings;
  const { now, random, onCall } = context;
  const exchange = createExchange(upstream.concurrency);
  const window = createCallWindow(upstream.perMinute, now);
  const budget = createBudget(window, upstream, now);
  const breaker = createBreaker(random);
  const retries = createRetryBudget();
  const refusals = createRefusals(now);
  const time = createPlatformTime();
  const tries: TriesContext = { now, random, sleep, mayRetry: retries.spend };
  let underWay = 0;

  /** One try: waits for its turn, calls, and turns whatever is not a good answer into a FailedTry. */
  const call = async (name: Call, request: () => Request, ticket: Ticket): Promise<Answer> => {
    const leave = await budget.enter(ticket);
    const startedAt = now();
    underWay += 1;
    try {
      const answer = await exchange.post(request(), Math.min(upstream.timeout, ticket.deadline - startedAt));
      time.learn(answer.headers, now());
      learnLimits(window, name, answer, underWay - 1);
      if (answer.status === 200 || answer.status === 201) {
        onCall(name, now() - startedAt, undefined);
        return answer;
      }
      throw new FailedTry(failureOfAnswer(name, answer, retryAfterOf(answer, time.toPlatform(now()))));
    } catch (error) {
      const failed = error instanceof ExchangeError ? new FailedTry(failureOfExchange(name, error)) : error;
      if (failed instanceof FailedTry) {
        onCall(name, now() - startedAt, failed.failure);
        if (failed.failure.kind === 'limited') window.pause((failed.failure.retryAfter ?? 1) * 1_000);
      }
      throw failed;
    } finally {
      underWay -= 1;
      leave();
    }
  };

  const fetchAccessToken = async (): Promise<AccessToken> => {
    const deadline = now() + upstream.deadline;
    const ask = () =>
      breaker.run(async () => {
        const clientSecret = await within(upstream.timeout, async () => settings.clientSecret());
        const askedAt = now();
        const request = () =>
          oauthRequest(endpoints.oauthToken, { clientId: settings.clientId, clientSecret });
        // Everyone waits for it: no guest's call goes before it.
        return readGrant(await call('oauth', request, { deadline, known: true, expiresAt: 0 }), askedAt);
      });
    return withTries(() => onceMoreAfter401('oauth', ask), { deadline }, tries);
  };
  const accessTokens = createAccessTokens(fetchAccessToken, now);

  const issueOnce = async (request: GuestTokenRequest, ticket: Ticket): Promise<GuestToken> => {
    const accessToken = await accessTokens.get();
    try {
      return await breaker.run(async () => {
        let askedAt = now();
        const build = () => {
          askedAt = now();
          return guestTokenRequest(endpoints.guestTokens, request, accessToken, time.toPlatform(askedAt));
        };
        const answer = await call('guest-tokens', build, ticket);
        return readGuestToken(answer, request, askedAt, now(), time);
      });
    } catch (error) {
      if (isCredentials(error, 'guest-tokens')) accessTokens.drop(accessToken);
      throw error;
    }
  };

  return {
    issue: async (request, caller) => {
      const refused = refusals.recall(() => [SET_UP, setUpOf(request), payloadOf(request)]);
      if (refused) throw refused;
      const deadline = now() + upstream.deadline;
      const ticket = { ...caller, deadline };
      try {
        const token = await within(upstream.deadline, () =>
          withTries(() => onceMoreAfter401('guest-tokens', () => issueOnce(request, ticket)), ticket, tries),
        );
        retries.earn();
        return token;
      } catch (error) {
        const problem = publicError(error);
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
      return budget.waiting;
    },
    get callsLeft() {
      return window.left;
    },
    close: async () => {
      budget.close();
      await exchange.close();
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

const retryAfterOf = ({ headers }: Answer, platformNow: number): number | undefined => {
  const header = headers['retry-after'];
  return typeof header === 'string' ? parseRetryAfter(header, platformNow) : undefined;
};

/** The platform counts per access token, and others may use the same client: its own count corrects ours. */
const learnLimits = (window: CallWindow, call: Call, { headers }: Answer, othersUnderWay: number): void => {
  if (call === 'oauth') return;
  const [count, allowed, reset] = ['count', 'allowed', 'reset'].map((name) =>
    Number(headers[`inin-ratelimit-${name}`] ?? Number.NaN),
  ) as [number, number, number];
  if (!Number.isFinite(count + allowed + reset)) return;
  window.learn(Math.max(0, allowed - count - othersUnderWay), reset * 1_000);
};

/** What a refusal is remembered for: the client, the client with this deployment, or this very payload. */
const SET_UP = 'client';
const setUpOf = ({ webchatId }: GuestTokenRequest): string => `webchat:${webchatId}`;
const payloadOf = ({ guest, webchatId }: GuestTokenRequest): string =>
  payloadScope(JSON.stringify([webchatId, guest.externalId, guest.attributes]));

const refusedScope = (error: unknown, request: GuestTokenRequest): string | undefined => {
  if (!(error instanceof FailedTry)) return undefined;
  const { kind, call, status } = error.failure;
  if (kind !== 'final' && kind !== 'credentials') return undefined;
  if (call === 'oauth') return SET_UP;
  return status === 401 || status === 403 || status === 404 ? setUpOf(request) : payloadOf(request);
};
