// The platform as the rest of the server knows it: ask for a guest token, get one or an error that says why not.
import { parseRetryAfter } from '@genesys-guest/common';
import { GuestTokenError } from '../errors.ts';
import type { TokenSettings } from '../options/settings.ts';
import type { GuestToken } from '../store/store.ts';
import { type AccessToken, createAccessTokens } from './access-token.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { createBudget, type Ticket } from './budget.ts';
import { shareCallLog } from './call-log.ts';
import { createCallWindow } from './call-window.ts';
import { type Answer, createExchange, ExchangeError, type Request } from './exchange.ts';
import { type GuestTokenRequest, guestTokenRequest, readGuestToken } from './guest-token-call.ts';
import { oauthRequest, readGrant } from './oauth-call.ts';
import { createPauses } from './pauses.ts';
import { createPlatformCount } from './platform-count.ts';
import {
  type Call,
  type Failure,
  failureOfAnswer,
  failureOfExchange,
  failureOfSecret,
} from './platform-errors.ts';
import { createPlatformTime } from './platform-time.ts';
import { withoutEchoes } from './redact.ts';
import { createRefusals, payloadScope } from './refusals.ts';
import { createRetryBudget } from './retry-budget.ts';
import { FailedTry, publicError, type TriesContext, withTries } from './tries.ts';
import { createWaits } from './waiting.ts';

export type Caller = Pick<Ticket, 'known' | 'expiresAt' | 'signal'>;

export interface Genesys {
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
  /** Where an earlier try may have made a token, too: how that try failed. */
  readonly doubt: string | undefined;
}

/** A call that has left and is over. */
export interface UpstreamCall {
  readonly call: Call;
  /** Milliseconds of the core's clock. */
  readonly startedAt: number;
  readonly latencyMs: number;
  /** Milliseconds that it had waited for its turn. */
  readonly waitedMs: number;
  readonly status: number | undefined;
  readonly failure: Failure | undefined;
}

export interface GenesysContext {
  readonly now: () => number;
  readonly random: () => number;
  /** Hears of each call that has left, once it is over. */
  readonly onCall: (call: UpstreamCall) => void;
}

/** Milliseconds at the end of the deadline that are left to tell the caller why the last try failed. */
const LAST_WORD = 50;

export const createGenesys = (settings: TokenSettings, context: GenesysContext): Genesys => {
  const { upstream, endpoints } = settings;
  const { now, random, onCall } = context;
  const exchange = createExchange(upstream.concurrency);
  const shared = shareCallLog(endpoints.oauthToken, settings.clientId);
  const window = createCallWindow(upstream.perMinute, now, shared.log);
  const pauses = createPauses(window, context);
  const platformCount = createPlatformCount(window);
  const budget = createBudget(window, upstream, now);
  const breaker = createBreaker({ now, random, onOpen: budget.refuseAll });
  const retries = createRetryBudget();
  const refusals = createRefusals(now);
  const time = createPlatformTime();
  const waits = createWaits();
  const tries: TriesContext = { now, random, sleep: waits.sleep, mayRetry: retries.spend };
  let recent: { readonly failure: Failure; readonly at: number } | undefined;

  /** One try: waits for its turn, calls, and turns whatever is not a good answer into a FailedTry. */
  const call = async (name: Call, request: () => Request, ticket: Ticket): Promise<Answer> => {
    const askedAt = now();
    const leave = await budget.enter(ticket);
    const startedAt = now();
    const waitedMs = startedAt - askedAt;
    const tell = (status: number | undefined, failure?: Failure): void =>
      onCall({ call: name, startedAt, latencyMs: now() - startedAt, waitedMs, status, failure });
    try {
      const sent = request();
      const timeout = Math.min(upstream.timeout, ticket.deadline - startedAt);
      const counted = name === 'guest-tokens' ? platformCount.departed() : undefined;
      const answer = await exchange.post(sent, timeout, pauses.mayLeave);
      counted?.(answer.headers);
      if (answer.status === 200 || answer.status === 201) {
        time.learn(answer.headers, now());
        pauses.relax();
        tell(answer.status);
        return answer;
      }
      const shown = withoutEchoes(answer, sent);
      throw new FailedTry(failureOfAnswer(name, shown, retryAfterOf(answer, time.toPlatform(now()))));
    } catch (error) {
      if (error instanceof ExchangeError && error.kind === 'held') return call(name, request, ticket);
      const failed = error instanceof ExchangeError ? new FailedTry(failureOfExchange(name, error)) : error;
      if (failed instanceof FailedTry) {
        tell(failed.failure.status, failed.failure);
        recent = { failure: failed.failure, at: now() };
        pauses.heed(failed.failure);
      }
      throw failed;
    } finally {
      leave();
    }
  };

  const askSecret = async (): Promise<string> => {
    const failed = (what: string) => new FailedTry(failureOfSecret(what));
    const ask = async (): Promise<unknown> => settings.clientSecret();
    const secret = await waits
      .within(upstream.timeout, ask, () => failed(`gave nothing within ${upstream.timeout} ms`))
      .catch((error: unknown) => {
        // Its message might quote a secret.
        throw error instanceof FailedTry
          ? error
          : failed(`threw ${error instanceof Error ? error.name : typeof error}`);
      });
    if (typeof secret === 'string' && secret !== '') return secret;
    throw failed(`gave ${secret === '' ? 'an empty text' : typeof secret} in place of a text`);
  };

  const lastTryBefore = (deadline: number): number => deadline - Math.min(LAST_WORD, upstream.deadline / 10);

  /** Nothing came of it in time: what failed meanwhile, for this caller or for all, is the cause. */
  const outOfTime = (startedAt: number): Error =>
    recent && recent.at >= startedAt
      ? new FailedTry(recent.failure)
      : new GuestTokenError('upstream_unavailable', 'No answer within the deadline', { retryAfter: 5 });

  /** Seconds with some more on top, so that those who are refused together do not come back together. */
  const spread = (seconds: number): number =>
    seconds + Math.floor(random() * (1 + Math.min(MOST_SPREAD, seconds / 4)));

  const fetchAccessToken = async (): Promise<AccessToken> => {
    const deadline = lastTryBefore(now() + upstream.deadline);
    const ask = () =>
      breaker.run(async () => {
        const clientSecret = await askSecret();
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
      const startedAt = now();
      const ticket = { ...caller, deadline: lastTryBefore(startedAt + upstream.deadline) };
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
        const token = await waits.within(
          upstream.deadline,
          () => withTries(() => onceMoreAfter401('guest-tokens', attempt), ticket, tries),
          () => outOfTime(startedAt),
        );
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
      return budget.waiting;
    },
    get callsLeft() {
      return window.left;
    },
    close: async () => {
      budget.close();
      waits.close();
      await exchange.close();
      shared.release();
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

/** The most seconds by which what a refused caller is told is lengthened. */
const MOST_SPREAD = 10;

/** A date is meant by the clock of who answered, which may be a proxy: so the answer's own `Date` comes first. */
const retryAfterOf = ({ headers }: Answer, platformNow: number): number | undefined => {
  const answeredAt = Date.parse(headers.date ?? '');
  return parseRetryAfter(headers['retry-after'], Number.isNaN(answeredAt) ? platformNow : answeredAt);
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
