// Puts the rooms together: resolved options in, guest tokens out.
import { monotonicNow } from './lib/clock.ts';
import { Observer } from './observe/observer.ts';
import type { ResolvedTokenOptions } from './options/resolved-options.ts';
import type { RateCounter, SingleUse } from './store/ports.ts';
import type { Behind } from './tokens/guest-tokens.ts';
import { TokenService } from './tokens/token-service.ts';
import { Upstream } from './upstream/upstream.ts';

/** What handlers that share guest tokens need beside them. */
export interface Shared {
  readonly options: ResolvedTokenOptions;
  /** Counts addresses and guests across instances, where the store is a shared one. */
  readonly counter: RateCounter | undefined;
  /** What can be had once, across instances where the store is a shared one. */
  readonly store: SingleUse;
}

export interface Clockwork {
  /** Milliseconds. */
  readonly now?: () => number;
  readonly random?: () => number;
}

export const compose = (
  options: ResolvedTokenOptions,
  { now = monotonicNow, random = Math.random }: Clockwork = {},
): Behind<Shared> => {
  const { upstream: upstreamOptions, secrets, log } = options;
  const { webchatId, tokenLifetime } = options.tokens;
  const store = options.store.open({
    webchatId,
    secrets,
    upstream: upstreamOptions,
    tokenLifetime,
    log,
    now,
    onInvalidate: (key, reason) => observer.invalidated({ ...key, reason }),
  });
  const { shared } = store;
  const upstream = new Upstream(upstreamOptions, {
    now,
    random,
    slidingWindow: shared?.slidingWindow,
    accessToken: shared?.accessToken,
  });
  const observer: Observer = new Observer(options.observe, {
    random,
    state: () => ({
      cachedGuests: store.size,
      queued: upstream.budget.waiting,
      callsLeft: upstream.budget.left,
      breaker: upstream.breaker,
      store: store.state,
      instances: store.instances,
      differences: store.failing.filter(({ what }) => what === 'instances').length,
    }),
    durableQueue: shared?.events,
  });
  const service = new TokenService(options.tokens, { store, upstream, observer, now });
  return { service, observer, shared: { options, counter: shared?.counter, store } };
};
