// The store of many instances: puts together what lies in Redis and what is in this process' memory.
import { hostAndPort } from '@genesys-guest/common';
import { DEFAULT_MAX_GUESTS } from '../store/memory-store.ts';
import { MemoryTier } from '../store/memory-tier.ts';
import type { RateCounter, Store } from '../store/ports.ts';
import type { AccessToken, SharedAccessToken } from '../upstream/ports.ts';
import type { SharedServices, StoreContext } from '../upstream/shared-store.ts';
import { numbers, type RedisBase } from './base.ts';
import { Commands } from './commands.ts';
import { doublesOf, type RedisStoreOptions } from './connection.ts';
import { RedisEventQueue } from './event-queue.ts';
import { RedisGuestTokens } from './guest-tokens.ts';
import { Instances } from './instances.ts';
import { Names } from './keys.ts';
import { LeasedCache } from './leased-cache.ts';
import { createSingleUse } from './marks.ts';
import { RedisClock } from './redis-clock.ts';
import { COUNT } from './scripts.ts';
import { RedisSlidingWindow } from './sliding-window.ts';

export type OpenedRedisStore = Store & { readonly shared: SharedServices };

const DEFAULT_PREFIX = 'genesys-guest';

/** @param options as `redisStore` has checked them */
export const openRedisStore = (options: RedisStoreOptions, context: StoreContext): OpenedRedisStore => {
  const { upstream, secrets } = context;
  const names = new Names(options.prefix ?? DEFAULT_PREFIX, secrets);
  const clock = new RedisClock();
  const commands = new Commands({
    ...context,
    names,
    at: options.url && hostAndPort(options.url),
    open: doublesOf(options, context.log),
    onUsable: (time, askedAt) => {
      clock.learn(time, askedAt);
      // What they tell Redis goes before everything else.
      for (const part of [slidingWindow, tokens, instances]) void part.catchUp();
    },
  });
  const base: RedisBase = { ...context, commands, names, clock };
  const tier = new MemoryTier(options.max ?? DEFAULT_MAX_GUESTS, context);
  const tokens = new RedisGuestTokens(base, tier);
  const forgetIn = (webchats: Iterable<string>, externalId: string) =>
    Promise.all([...new Set(webchats)].map((webchatId) => tokens.forget({ webchatId, externalId })));
  const instances = new Instances(base, (gone) => {
    void forgetIn(tier.webchatsOf(gone), gone);
    context.onErased(gone);
  });
  const client = JSON.stringify(['client', upstream.endpoints.oauthToken, upstream.clientId]);
  const slidingWindow = new RedisSlidingWindow(base, names.plain(client), upstream);
  return {
    find: (key) => tokens.find(key),
    issue: (key, how) => {
      instances.sawWebchat(key.webchatId);
      return tokens.issue(key, how);
    },
    forget: (key, deadUntil) => tokens.forget(key, deadUntil),
    revoked: (key) => tokens.revoked(key),
    erase: async (externalId) => {
      const here = await forgetIn(tier.webchatsOf(externalId), externalId);
      const everywhere = await forgetIn(await instances.erase(externalId), externalId);
      return [...here, ...everywhere].includes(true);
    },
    ...createSingleUse(base),
    shared: {
      accessToken: accessToken(base, names.of(client)),
      slidingWindow,
      counter: counter(base),
      events: (max, onDropped) => new RedisEventQueue(base, max, onDropped),
    },
    get size() {
      return tier.size;
    },
    get state() {
      return commands.state;
    },
    get failing() {
      return [...commands.failing, ...instances.failing];
    },
    get instances() {
      return instances.count;
    },
    close: async () => {
      await instances.close();
      commands.close();
      tier.close();
    },
  };
};

/** The access token of all instances: encrypted in Redis, fetched by one of them at a time. */
const accessToken = (base: RedisBase, names: readonly string[]): SharedAccessToken => {
  const cache = new LeasedCache<AccessToken>(base, 'access');
  return {
    issue: async (options) => (await cache.issue(names, options)).value,
    // What was refused and whatever is older, not what another has put there since.
    drop: ({ issuedAt }) =>
      void cache.forget(names, Math.max(1, base.now() - issuedAt), true).catch(() => {}),
  };
};

/** Counts in Redis what addresses and guests cause, by names that do not show them. */
const counter = ({ commands, names }: RedisBase): RateCounter => ({
  consume: async ({ name, limit, window }) => {
    // Mounts may have limits of their own.
    const [hashed = ''] = names.of(JSON.stringify(['count', name, limit, window]));
    const [wait = 0] = numbers(await commands.run(COUNT, [names.key('count', hashed)], [limit, window]));
    return wait > 0 ? Math.ceil(Math.min(wait, window) / 1_000) : undefined;
  },
});
