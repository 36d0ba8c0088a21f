// The store of many instances: puts together what lies in Redis and what is in this process' memory.
import { type Attributes, hostAndPort } from '@genesys-guest/common';
import { z } from 'zod';
import { createEncryption } from '../lib/encryption.ts';
import type { OpenEventQueue } from '../observe/event-queue.ts';
import { DEFAULT_MAX_GUESTS } from '../store/memory-store.ts';
import { MemoryTier } from '../store/memory-tier.ts';
import type { GuestKey, GuestToken, Store } from '../store/ports.ts';
import type { AccessToken } from '../upstream/ports.ts';
import type { SharedServices, StoreContext } from '../upstream/shared-store.ts';
import { createRedisAccessToken } from './access-token.ts';
import { Commands } from './commands.ts';
import { Connection } from './connection.ts';
import { RedisEventQueue } from './event-queue.ts';
import { RedisGuestTokens } from './guest-tokens.ts';
import { Instances } from './instances.ts';
import { Names } from './keys.ts';
import { LeasedCache } from './leased-cache.ts';
import { createRedisMarks } from './marks.ts';
import { createRedisCounter } from './rate-counter.ts';
import { connectionsTo, type RedisSource } from './redis-client.ts';
import { RedisClock } from './redis-clock.ts';
import { RedisSlidingWindow } from './sliding-window.ts';

export type OpenedRedisStore = Store & { readonly shared: SharedServices };

export const DEFAULT_PREFIX = 'genesys-guest';

const DAY = 86_400_000;

/** A guest's token as it is kept: the guest, too, so that it is certain whose it is. */
const guestFields = z
  .object({
    token: z.string().min(1),
    externalId: z.string(),
    webchatId: z.string(),
    attributes: z.record(z.string(), z.string()).optional(),
  })
  .transform((fields) => ({ ...fields, attributes: fields.attributes as Attributes | undefined }));

const accessFields = z.object({ value: z.string().min(1) });

export interface OpenRedisStoreOptions extends RedisSource {
  readonly prefix?: string | undefined;
  readonly max?: number | undefined;
}

/** @param options as `redisStore` has checked them */
export const openRedisStore = (options: OpenRedisStoreOptions, context: StoreContext): OpenedRedisStore => {
  const parts: { catchUp(): void }[] = [];
  const base = connect(options, context, parts);
  const { tier, tokens, namesOf } = guestTokens(base, options, context);
  const { catchUp, ...marks } = createRedisMarks({ ...base, namesOf });
  const forgetIn = (webchats: Iterable<string>, externalId: string) =>
    Promise.all([...new Set(webchats)].map((webchatId) => tokens.forget({ webchatId, externalId })));
  const instances = new Instances({
    ...base,
    ...context,
    encryption: createEncryption(context.secrets, 'store-guest-token'),
    perMinute: context.upstream.perMinute,
    onErased: (externalId) => void forgetIn(tier.webchatsOf(externalId), externalId),
  });
  const shared = services(base, context);
  parts.push(shared.slidingWindow, tokens, { catchUp }, instances);
  return {
    find: (key) => tokens.find(key),
    issue: (key, how) => {
      instances.sawWebchat(key.webchatId);
      return tokens.issue(key, how);
    },
    forget: (key) => tokens.forget(key),
    erase: async (externalId) => {
      const here = await forgetIn(tier.webchatsOf(externalId), externalId);
      const everywhere = await forgetIn(await instances.erase(externalId), externalId);
      return [...here, ...everywhere].includes(true);
    },
    ...marks,
    shared,
    get size() {
      return tier.size;
    },
    get state() {
      return base.commands.state;
    },
    get failing() {
      return [...base.commands.failing, ...instances.failing];
    },
    get instances() {
      return instances.count;
    },
    close: async () => {
      instances.close();
      base.close();
      tier.close();
    },
  };
};

type Base = ReturnType<typeof connect>;

/** @param parts hear when Redis can be used, at first or again: what they tell it then goes before everything else */
const connect = (
  options: OpenRedisStoreOptions,
  { secrets, log, now }: StoreContext,
  parts: readonly { catchUp(): void }[],
) => {
  const random = Math.random;
  const names = new Names(options.prefix ?? DEFAULT_PREFIX, secrets);
  const clock = new RedisClock();
  const commands = new Commands({
    send: () => connection.ready?.send,
    probeKey: (hashTag) => names.key('probe', hashTag),
    at: options.url && hostAndPort(options.url),
    log,
    random,
    now,
    onUsable: (time, askedAt) => {
      clock.learn(time, askedAt);
      for (const part of parts) part.catchUp();
    },
    onDead: () => connection.renew(),
  });
  const connection = new Connection({
    open: connectionsTo(options, log),
    onReady: () => commands.connected(),
    onLost: (error) => commands.lost(error),
    random,
  });
  const close = (): void => {
    commands.close();
    connection.close();
  };
  return { commands, names, clock, now, random, close };
};

const guestTokens = (
  base: Base,
  { max = DEFAULT_MAX_GUESTS }: OpenRedisStoreOptions,
  context: StoreContext,
) => {
  const { secrets, upstream, tokenLifetime } = context;
  // The endpoint is part of the name: another organisation's token is another token.
  const namesOf = ({ webchatId, externalId }: GuestKey) =>
    base.names.of(JSON.stringify(['guest', upstream.endpoints.guestTokens, webchatId, externalId]));
  const encryption = createEncryption(secrets, 'store-guest-token');
  const markFor = Math.max(tokenLifetime * 1_000, DAY);
  const cache = new LeasedCache<GuestToken>('guest', guestFields, { ...base, encryption, markFor });
  const tier = new MemoryTier(max, context);
  return { tier, namesOf, tokens: new RedisGuestTokens({ ...base, tier, cache, namesOf }) };
};

const services = (base: Base, context: StoreContext) => {
  const { secrets, upstream, webchatId } = context;
  const client = JSON.stringify(['client', upstream.endpoints.oauthToken, upstream.clientId]);
  const encryption = createEncryption(secrets, 'store-access-token');
  const accessTokens = new LeasedCache<AccessToken>('access', accessFields, { ...base, encryption });
  const events: OpenEventQueue = (max, onDropped) =>
    new RedisEventQueue({
      ...base,
      encryption: createEncryption(secrets, 'event'),
      webchatId,
      max,
      onDropped,
    });
  return {
    accessToken: createRedisAccessToken(accessTokens, base.names.of(client)),
    slidingWindow: new RedisSlidingWindow(upstream.perMinute, {
      ...base,
      name: base.names.plain(client),
      instances: upstream.instances,
    }),
    counter: createRedisCounter(base),
    events,
  };
};
