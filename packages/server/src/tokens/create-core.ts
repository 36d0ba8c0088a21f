// The guest tokens themselves: found, fresh enough, being made already, or made now.
import { freshness, type Guest } from '@genesys-guest/common';
import { monotonicNow } from '../clock.ts';
import { GuestTokenError } from '../errors.ts';
import { createGenesys } from '../genesys/genesys.ts';
import { publicError } from '../genesys/tries.ts';
import { sleep } from '../genesys/waiting.ts';
import { checkGuest, sameAttributes } from '../guest.ts';
import { createObserver, type Observer, type Subject } from '../observe/observer.ts';
import type { CacheState } from '../observe/telemetry.ts';
import type { TokenSettings } from '../options/settings.ts';
import type { GuestToken } from '../store/store.ts';
import type { CallerOptions, Core, Outcome, Standing } from './core.ts';
import { createFlights } from './flights.ts';

/** For one guest at most one new token in so many ms because its attributes changed. */
const ATTRIBUTES_PAUSE = 300_000;

/** Seconds until the next try where a renewal failed and nothing says how long to wait. */
const RETRY_IN = 30;

/** Milliseconds that `close()` waits for what is under way. */
const CLOSE_LIMIT = 10_000;

export interface CoreContext {
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface ObservedCore extends Core {
  readonly observer: Observer;
}

export const createCore = (
  settings: TokenSettings,
  { now = monotonicNow, random = Math.random }: CoreContext = {},
): ObservedCore => {
  const observer = createObserver(settings, random);
  const store = settings.store.open({
    settings,
    now,
    onInvalidate: ({ externalId, webchatId }, reason) =>
      observer.invalidated({ externalId, webchatId, reason }),
  });
  const { shared } = store;
  const genesys = createGenesys(settings, { now, random, shared, onCall: observer.called });
  observer.watch(
    () => ({
      cachedGuests: store.size,
      queued: genesys.waiting,
      callsLeft: genesys.callsLeft,
      breaker: genesys.breaker,
    }),
    store.shared?.events,
  );
  const flights = createFlights<GuestToken>();
  const renewBefore = settings.renewBefore * 1_000;
  let closing: Promise<void> | undefined;

  const judge = (token: GuestToken | undefined, guest: Guest): Standing => {
    if (!token) return { state: 'missing', token: undefined };
    const at = now();
    const state = freshness(token, renewBefore, at);
    if (state === 'expired') return { state, token: undefined };
    const mayChange = at - token.issuedAt >= ATTRIBUTES_PAUSE;
    const changed = mayChange && !sameAttributes(token.attributes, guest.attributes);
    return { state: changed ? 'changed' : state, token };
  };

  const find = async (webchatId: string, guest: Guest): Promise<Standing> =>
    judge(await store.find({ webchatId, externalId: guest.externalId }), guest);

  /** How a token is made; the observer is told how it went. */
  const making = (webchatId: string, guest: Guest, standing: Standing, caller: CallerOptions) => {
    const key = { webchatId, externalId: guest.externalId };
    const subject = subjectOf(webchatId, guest);
    const startedAt = now();
    const request = { guest, webchatId, lifetime: settings.tokenLifetime };
    const known = caller.identified === true || standing.token !== undefined;
    const action = standing.state === 'missing' ? 'ISSUED' : 'RENEWED';
    const mint = async (signal: AbortSignal | undefined): Promise<GuestToken> => {
      const { token, doubt } = await observer.issuing(action, subject, () =>
        genesys.issue(request, { known, expiresAt: standing.token?.expiresAt, signal }),
      );
      observer.provisioned(action, subject, token, now() - startedAt, doubt);
      return token;
    };
    return async (signal: AbortSignal | undefined): Promise<GuestToken> => {
      try {
        const suffices = (token: GuestToken) => judge(token, guest).state === 'fresh';
        return await store.make(key, { suffices, mint, signal });
      } catch (error) {
        const problem = publicError(error);
        observer.failed(subject, problem, now() - startedAt);
        throw problem;
      }
    };
  };

  const refuseIfClosed = (): void => {
    if (!closing) return;
    throw new GuestTokenError('upstream_unavailable', 'The guest tokens are closed', { retryAfter: 5 });
  };

  /** The call under way, or a new one, once the caller may cause it. */
  const joinOrMake = async (
    webchatId: string,
    guest: Guest,
    standing: Standing,
    caller: CallerOptions,
  ): Promise<GuestToken> => {
    const name = nameOf(webchatId, guest);
    for (;;) {
      const underWay = flights.join(name, caller.signal);
      if (!underWay) break;
      try {
        return await underWay;
      } catch (error) {
        // Whoever caused it was refused for who they are, which says nothing of this caller.
        if (!isRefusal(error)) throw error;
      }
    }
    refuseIfClosed();
    checkGuest(guest);
    const make = making(webchatId, guest, standing, caller);
    return flights.start(
      name,
      caller.gate ? gated(caller.gate, webchatId, guest, make) : make,
      caller.signal,
    );
  };

  /** Asks the gate first, once for all who want this guest's token; what another has made meanwhile will do. */
  const gated =
    (gate: NonNullable<CallerOptions['gate']>, webchatId: string, guest: Guest, make: Make): Make =>
    async (signal) => {
      await gate();
      refuseIfClosed();
      const { state, token } = await find(webchatId, guest);
      return state === 'fresh' && token ? token : make(signal);
    };

  const renewFrom = async (
    webchatId: string,
    guest: Guest,
    standing: Standing,
    caller: CallerOptions,
  ): Promise<Outcome> => {
    try {
      return { token: await joinOrMake(webchatId, guest, standing, caller) };
    } catch (error) {
      const { token } = standing;
      // What cannot be renewed is still good: it is kept until it expires.
      if (!token || now() >= token.expiresAt) throw error;
      return { token, retryIn: (error instanceof GuestTokenError && error.retryAfter) || RETRY_IN };
    }
  };

  const hit = (token: GuestToken, state: 'fresh' | 'ageing'): Outcome => {
    observer.cacheHit(state);
    return { token };
  };

  const close = async (): Promise<void> => {
    const limit = new AbortController();
    await Promise.race([flights.settled(), sleep(CLOSE_LIMIT, limit.signal)]);
    limit.abort();
    // Whatever is still under way fails at once.
    await genesys.close();
    await flights.settled();
    // Before the store, which may hold the events.
    await observer.close();
    await store.close();
  };

  return {
    settings,
    now,
    observer,
    shared,
    find: async (webchatId, guest) => {
      const standing = await find(webchatId, guest);
      if (standing.token) observer.cacheHit(standing.state as CacheState);
      return standing;
    },
    renew: async (webchatId, guest, caller = {}) => {
      const standing = await find(webchatId, guest);
      if (standing.state === 'fresh' && standing.token) return hit(standing.token, 'fresh');
      return renewFrom(webchatId, guest, standing, caller);
    },
    obtain: async (webchatId, guest, caller = {}) => {
      const standing = await find(webchatId, guest);
      if (standing.state === 'fresh' && standing.token) return hit(standing.token, 'fresh');
      if (standing.state !== 'ageing' || !standing.token) {
        return renewFrom(webchatId, guest, standing, caller);
      }
      // Nobody waits for it, and its failure is with the observer.
      joinOrMake(webchatId, guest, standing, { ...caller, signal: undefined }).catch(() => {});
      return hit(standing.token, 'ageing');
    },
    forget: async (webchatId, externalId) => {
      const had = await store.forget({ webchatId, externalId });
      observer.forgotten({ webchatId, externalId, attributesCount: 0 });
      return had;
    },
    health: () => ({ ready: !closing, oauth: genesys.oauth, breaker: genesys.breaker, store: store.state }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

type Make = (signal: AbortSignal | undefined) => Promise<GuestToken>;

/** Refused by a gate: neither the platform's word nor ours. */
const isRefusal = (error: unknown): boolean =>
  error instanceof GuestTokenError && !error.code.startsWith('upstream_');

const nameOf = (webchatId: string, { externalId }: Guest): string => `${webchatId}\0${externalId}`;

const subjectOf = (webchatId: string, { externalId, attributes }: Guest): Subject => ({
  externalId,
  webchatId,
  attributesCount: Object.keys(attributes ?? {}).length,
});
