// The store of many instances: Redis, with the newest guests of each instance in its own memory.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createEnvelope } from '../lib/encryption.ts';
import { isLoopback } from '../lib/loopback.ts';
import { checkFields, createIssues } from '../lib/option-issues.ts';
import type { OpenEventQueue } from '../observe/event-queue.ts';
import type { Log } from '../observe/log.ts';
import { createMemoryTier, DEFAULT_MAX_GUESTS, MAX_GUESTS } from '../store/memory-store.ts';
import type { RateCounter, Store, StoreContext } from '../store/ports.ts';
import type { SharedAccessToken, SlidingWindow, UpstreamOptions } from '../upstream/ports.ts';
import { createRedisAccessToken } from './access-token.ts';
import { accessTokenCodec, clientText, guestText, guestTokenCodec } from './codecs.ts';
import { createLink } from './commands.ts';
import { connectTo } from './connect.ts';
import { createRedisEventQueue } from './event-queue.ts';
import { createRedisTokens } from './guest-tokens.ts';
import { createNames } from './keys.ts';
import { createVault } from './leased-cache.ts';
import { createPresence } from './presence.ts';
import { createBus } from './pub-sub.ts';
import { createRedisCounter } from './rate-counter.ts';
import type { RedisClient } from './redis-client.ts';
import { createRedisSlidingWindow } from './sliding-window.ts';

interface RedisStoreCommon {
  /** What all keys and the channel begin with. One for each group of instances that share. Default `genesys-guest`. */
  readonly prefix?: string | undefined;
  /** Guests kept in this process' memory; the rest are asked of Redis. Default 100,000, about 1 kB each. */
  readonly max?: number | undefined;
}

/** Where Redis is: either. */
export type RedisStoreOptions = RedisStoreCommon &
  (
    | {
        /** `redis[s]://[[username][:password]@]host[:port][/database]`. Needs the package `@redis/client`. */
        readonly url: string;
        readonly client?: undefined;
      }
    | {
        /** A connected client, which stays the site's: it is not closed with the store. */
        readonly client: RedisClient;
        readonly url?: undefined;
      }
  );

/** What the store is told when it is opened. */
export interface RedisStoreContext extends StoreContext {
  readonly webchatId: string;
  /** The first encrypts, all decrypt. */
  readonly secrets: readonly string[];
  readonly upstream: UpstreamOptions;
  /** Seconds. */
  readonly tokenLifetime: number;
  readonly log: Log;
}

/** What all instances share beside the guests' tokens. */
export interface RedisServices {
  readonly accessToken: SharedAccessToken;
  readonly slidingWindow: SlidingWindow;
  readonly counter: RateCounter;
  readonly events: OpenEventQueue;
}

/** What `redisStore()` returns: a store that is opened once its options are known. */
export interface RedisStoreFactory {
  readonly kind: 'redis';
  /** What is not safe in its options, each with a fix. */
  readonly warnings: readonly string[];
  open(context: RedisStoreContext): Store & { readonly shared: RedisServices };
}

export const DEFAULT_PREFIX = 'genesys-guest';

/**
 * Shares tokens, calls and pauses with the other instances that name the same Redis and prefix. What lies there is
 * sealed with `secrets`. Redis may be slow or gone, also at start: guests still get their tokens.
 * @throws ConfigurationError that lists every issue
 */
export const redisStore = (options: RedisStoreOptions): RedisStoreFactory => {
  const issues = createIssues();
  checkFields(FIELDS, options, issues, 'store');
  const given = [options?.url, options?.client].filter((way) => way !== undefined);
  if (given.length !== 1) issues.add('store', 'redisStore needs either `url` or `client`');
  issues.throwIfAny();
  return {
    kind: 'redis',
    warnings: isReadable(options.url) ? [READABLE] : [],
    open: (context) => openRedisStore(options, context),
  };
};

const READABLE =
  'the store has a password and a redis:// URL, so the password can be read on the way: use rediss://';

/** A password that crosses a network without TLS. */
const isReadable = (url: string | undefined): boolean =>
  url?.startsWith('redis://') === true && new URL(url).password !== '' && !isLoopback(url);

const custom = (isGood: (value: unknown) => boolean, error: string) => z.custom<unknown>(isGood, { error });

const FIELDS = {
  url: custom(
    (url) => isRedisUrl(url),
    'must be redis://host:port or rediss://host:port, with user and password where needed',
  ),
  client: custom(
    (client) => isClient(client),
    'must be a connected client of @redis/client, or have sendCommand, duplicate, on, off and isReady as RedisClient says',
  ),
  prefix: custom(
    (prefix) => typeof prefix === 'string' && /^[^\s{}]{1,64}$/.test(prefix),
    'must be 1 to 64 characters without white space and braces',
  ),
  max: MAX_GUESTS,
};

const isRedisUrl = (url: unknown): boolean =>
  typeof url === 'string' && /^rediss?:\/\//.test(url) && URL.canParse(url);

const isClient = (client: unknown): boolean =>
  typeof client === 'object' &&
  client !== null &&
  'isReady' in client &&
  ['sendCommand', 'duplicate', 'on', 'off'].every(
    (name) => typeof (client as Readonly<Record<string, unknown>>)[name] === 'function',
  );

const openRedisStore = (
  options: RedisStoreOptions,
  context: RedisStoreContext,
): Store & { readonly shared: RedisServices } => {
  const { secrets, upstream, log, now } = context;
  const { endpoints, clientId } = upstream;
  const random = Math.random;
  const names = createNames(options.prefix ?? DEFAULT_PREFIX, secrets);
  const tier = createMemoryTier(options.max ?? DEFAULT_MAX_GUESTS, context);
  const self = randomBytes(9).toString('base64url');

  const bus = createBus({
    channel: names.key('words'),
    self,
    now,
    onWord: (word, heard) => tokens.heard(word, heard),
    onAlive: (sender) => presence.heard(sender),
    onGap: () => tokens.distrust(),
  });
  const link = createLink({
    client: () => main.ready,
    probeKey: names.key('probe'),
    log,
    random,
    onUsable: () => void catchUp(),
    onSilent: () => main.renew(),
  });
  const shared = { link, bus, names, now, random };
  const guestVault = createVault('guest', guestTokenCodec(createEnvelope(secrets, 'store-guest-token')), {
    ...shared,
    longestLife: context.tokenLifetime * 1_000,
  });
  const clientVault = createVault('client', accessTokenCodec(createEnvelope(secrets, 'store-access-token')), {
    ...shared,
    longestLife: 0,
  });
  const tokens = createRedisTokens({
    tier,
    vault: guestVault,
    bus,
    namesOf: (key) => names.of(guestText(key, endpoints.guestTokens)),
    now,
  });
  const client = clientText(endpoints.oauthToken, clientId);
  const presence = createPresence({
    link,
    bus,
    names,
    self,
    now,
    random,
    onBeat: () => {
      callWindow.look().catch(() => {});
      // It stands and nothing arrives, not even what we say ourselves.
      if (subscriber.ready && !bus.hears) subscriber.renew();
    },
    onLostMemory: () => {
      tokens.lostMemory();
      callWindow.lostMemory();
    },
  });
  const callWindow = createRedisSlidingWindow(upstream.perMinute, {
    link,
    names,
    name: names.plain(client),
    instances: () => presence.instances,
    onInstances: (count) => presence.saw(count),
    now,
  });

  const catchUp = async (): Promise<void> => {
    await presence.beat();
    callWindow.catchUp();
    await tokens.catchUp().catch(() => {});
  };

  const { main, subscriber } = connectTo(options, {
    onConnected: link.connected,
    onLost: link.lost,
    random,
    log,
    channel: bus.channel,
    onMessage: bus.heard,
    onListening: () => {
      bus.listening();
      // Whoever waits for a word may have missed it.
      bus.wake();
      // From now on newcomers are heard; those who came before are counted.
      void presence.beat();
    },
    onDeaf: bus.deaf,
  });

  return {
    find: tokens.find,
    issue: tokens.issue,
    forget: tokens.forget,
    shared: {
      accessToken: createRedisAccessToken(clientVault, names.of(client)),
      slidingWindow: callWindow,
      counter: createRedisCounter(link, names),
      events: (max, onDropped) =>
        createRedisEventQueue({
          link,
          names,
          envelope: createEnvelope(secrets, 'event'),
          self,
          webchatId: context.webchatId,
          max,
          onDropped,
        }),
    },
    get size() {
      return tier.size;
    },
    get state() {
      return link.state;
    },
    close: async () => {
      await presence.close();
      link.close();
      bus.wake();
      subscriber.close();
      main.close();
      tier.clear();
    },
  };
};
