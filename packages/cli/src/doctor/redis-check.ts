// Checks the shared store: that it answers soon, is new enough, keeps what it should and lets us do what we do.

import { randomBytes } from 'node:crypto';
import { hostAndPort, networkError } from '@genesys-guest/common';
import { createClient } from '@redis/client';
import { type Finding, fail, pass, skip, warn } from './check.ts';
import type { Run } from './runner.ts';

/** Milliseconds that the store waits for an answer before it goes on without Redis. */
const LIMIT = 250;
/** Milliseconds from which each visitor feels it. */
const SLOW = 50;

type Send = (...command: string[]) => Promise<unknown>;

export const redis = async ({ need, signal }: Run) => {
  const { redis: url, redisPrefix = 'genesys-guest', timeout } = need();
  if (!url) return skip('Redis: not asked for', 'Add --redis env:REDIS_URL where the site uses redisStore.');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // No longer than the store itself waits, and ended before the check's own time is up.
    socket: { connectTimeout: Math.min(2_000, timeout / 2), reconnectStrategy: false },
  });
  // What goes wrong is told by what is awaited.
  client.on('error', () => {});
  signal.addEventListener('abort', () => client.destroy(), { once: true });
  const send: Send = (...command) => client.sendCommand(command);
  try {
    await client.connect();
    const info = parseInfo(String(await send('INFO')));
    if (info.get('cluster_enabled') === '1') {
      const { what, fix } = networkError({ code: 'MOVED' });
      return warn(`${nameOf(url)} ${what}`, fix);
    }
    return [await pingFinding(send, info), evictionFinding(info), await usageFinding(send, redisPrefix)];
  } catch (error) {
    return refusal(error, url);
  } finally {
    if (client.isOpen) client.destroy();
  }
};

const nameOf = (url: string): string => `Redis at ${hostAndPort(new URL(url))}`;

/** The code with which Redis begins an error; the rest of the text could quote a user's name. */
const wordOf = (error: unknown): string | undefined =>
  /^[A-Z]{3,}\b/.exec(error instanceof Error ? error.message : '')?.[0];

const refusal = (error: unknown, url: string): Finding => {
  const word = wordOf(error);
  const { what, fix } = networkError(word ? { code: word } : error);
  return fail(
    `${nameOf(url)} ${what}`,
    word ? fix : `${fix} Until then each instance issues its own tokens.`,
  );
};

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]));

const pingFinding = async (send: Send, info: ReadonlyMap<string, string>): Promise<Finding> => {
  const startedAt = performance.now();
  await send('PING');
  const ms = Number((performance.now() - startedAt).toPrecision(2));
  const version = info.get('redis_version') ?? 'of an unknown version';
  const near = 'Put Redis into the same region and network as the site.';
  if (ms > LIMIT)
    return fail(`Redis answers after ${ms} ms, and the store waits ${LIMIT} ms: it is of no use`, near);
  if (ms > SLOW) return warn(`Redis answers after ${ms} ms: each visitor feels it`, near);
  if (Number.parseInt(version, 10) < 6)
    return warn(`Redis is ${version}, which is no longer kept up`, 'Use Redis 6.2 or newer, or Valkey.');
  return pass(`Redis ${version} answers in ${ms} ms`);
};

/** What is evicted may be a mark: a forgotten cookie or a code that was used would count again. */
const evictionFinding = (info: ReadonlyMap<string, string>): Finding => {
  const policy = info.get('maxmemory_policy') ?? 'not said';
  const how = `Redis has maxmemory-policy ${policy}`;
  const events = policy.startsWith('allkeys-') ? ', and undelivered events (durable)' : '';
  return /^(allkeys|volatile)-/.test(policy)
    ? warn(
        `${how}: full, it drops the marks of forgotten cookies and of used codes${events}`,
        'Set maxmemory-policy noeviction, with room to spare.',
      )
    : pass(`${how}: nothing of ours is dropped`);
};

/** EVAL, and each command of the store's scripts; K is a key of this visit alone, which is gone after a second. */
const USE =
  'eval return(1) 1 K,set K 1 PX 1000,mget K,exists K,pttl K,pexpire K 1000,del K,time,' +
  'zadd K 1 a,pexpire K 1000,zcard K,zrange K 0 0,zrem K a,zremrangebyscore K 1 1,zremrangebyrank K 0 0,' +
  'hset K a 1,pexpire K 1000,hlen K,hvals K,del K';

const SCRIPTS = 'Use Redis 6.2 or newer, or Valkey, with EVAL allowed.';

const usageFinding = async (send: Send, prefix: string): Promise<Finding | undefined> => {
  const key = `${prefix}:doctor:${randomBytes(6).toString('hex')}`;
  for (const command of USE.split(',')) {
    const words = command.split(' ').map((word) => (word === 'K' ? key : word));
    try {
      await send(...words);
    } catch (error) {
      const code = wordOf(error) ?? 'ERR';
      if (code === 'ERR') return fail('Redis does not run the scripts of the store', SCRIPTS);
      const { what, fix } = networkError({ code });
      const rights = code === 'NOPERM' ? `: ${words[0]}, on keys of ${prefix}:*` : '';
      return fail(`Redis ${what}${rights}`, fix);
    }
  }
  return undefined;
};
