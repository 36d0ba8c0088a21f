// The shared store's own options.
import { isRedisUrl } from '@genesys-guest/common';
import { z } from 'zod';
import { isLoopback } from '../lib/loopback.ts';
import { checkFields, createIssues } from '../lib/option-issues.ts';
import { MAX_GUESTS } from '../store/memory-store.ts';
import type { StoreContext } from '../upstream/shared-store.ts';
import type { RedisStoreOptions } from './connection.ts';
import { type OpenedRedisStore, openRedisStore } from './open-redis-store.ts';

/** What `redisStore()` returns: a store that is opened once its options are known. */
export interface RedisStoreFactory {
  /** Always `redis`. */ readonly kind: 'redis';
  /** What is not safe in its options, each with a fix. */
  readonly warnings: readonly string[];
  /** @internal */
  open(context: StoreContext): OpenedRedisStore;
}

/**
 * Shares tokens, calls and pauses with the other instances that name the same Redis and prefix. What lies there is
 * encrypted with `secrets`. Redis may be slow or gone, also at start: guests still get their tokens.
 * @throws ConfigurationError that lists every fault
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

const PREFIX_ERROR = 'must be 1 to 64 characters without white space and braces';

const FIELDS = {
  url: z.custom<unknown>((url) => isRedisUrl(String(url)), {
    error:
      'must be redis://host:port or rediss://host:port; a user and a password are percent-encoded, and a database is its number behind a /',
  }),
  client: z.custom<unknown>((client) => isClient(client), {
    error: 'must be a client, cluster or sentinel of @redis/client 5 or newer, or fromIoredis(…)',
  }),
  prefix: z.string({ error: PREFIX_ERROR }).regex(/^[^\s{}]{1,64}$/, { error: PREFIX_ERROR }),
  max: MAX_GUESTS,
};

const isClient = (client: unknown): boolean =>
  ['sendCommand', 'duplicate', 'connect', 'destroy', 'on'].every(
    (name) => typeof (client as Readonly<Record<string, unknown>> | null)?.[name] === 'function',
  );
