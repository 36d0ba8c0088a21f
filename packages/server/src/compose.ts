// Puts the rooms together: resolved options in, guest tokens out.
import { monotonicNow } from './lib/clock.ts';
import { Observer } from './observe/observer.ts';
import type { ResolvedTokenOptions } from './options/resolved-options.ts';
import type { Behind } from './tokens/guest-tokens.ts';
import { TokenService } from './tokens/token-service.ts';
import { Upstream } from './upstream/upstream.ts';

export const compose = (
  options: ResolvedTokenOptions,
  { now = monotonicNow, random = Math.random } = {},
): Behind<ResolvedTokenOptions> => {
  const { webchatId, secrets, tokenLifetime, log } = options;
  const store = options.store.open({
    webchatId,
    secrets,
    tokenLifetime,
    log,
    now,
    upstream: options,
    onErased: (externalId) => void observer.erase(externalId).catch(() => {}),
    onInvalidate: (key, reason) => observer.invalidated({ ...key, reason }),
  });
  const { shared } = store;
  const upstream = new Upstream(options, { ...shared, now, random });
  const observer: Observer = new Observer(
    options,
    () => {
      const { budget, breaker } = upstream.state;
      return {
        cachedGuests: store.size,
        queued: budget.waiting,
        callsLeft: budget.left,
        breaker,
        store: store.state,
        instances: store.instances,
        differences: store.failing.filter(({ what }) => what === 'instances').length,
      };
    },
    shared?.events,
  );
  const service = new TokenService(options, { store, upstream, observer, now });
  return { service, observer, options, counter: shared?.counter, store };
};
