// Checks the shared store: that it answers soon, is new enough, keeps what it should and lets us do what we do.
import { randomBytes } from 'node:crypto';
import { type Context, check, type Finding, fail, found, pass, skip, warn } from './finding.ts';
import { troubleOf } from './network.ts';

type Send = (...command: string[]) => Promise<unknown>;

/** Milliseconds that the store waits for an answer before it goes on without Redis. */
const LIMIT = 250;
/** Milliseconds from which each visitor feels it. */
const SLOW = 50;
const PINGS = 5;

export const redis = check({
  name: 'redis',
  title: 'Redis',
  group: 'Redis',
  run: async (context) => {
    const { asked } = context;
    if (!asked.redis)
      return found(skip('Redis: not asked for', 'Add --redis env:REDIS_URL where the site uses redisStore.'));
    const client = await import('@redis/client').catch(() => undefined);
    if (!client) {
      return found(
        skip(
          'Redis: not checked, as its client is not installed',
          'Run npm install @redis/client, as redisStore needs it.',
        ),
      );
    }
    const connection = client.createClient({
      url: asked.redis,
      disableOfflineQueue: true,
      socket: { connectTimeout: asked.timeout, reconnectStrategy: false },
    });
    // What goes wrong is told by what is awaited.
    connection.on('error', () => {});
    context.signal.addEventListener('abort', () => connection.destroy(), { once: true });
    try {
      await connection.connect();
    } catch (error) {
      return found(refusal(error, context));
    }
    try {
      return found(...(await examine((...command) => connection.sendCommand(command))));
    } catch (error) {
      return found(refusal(error, context));
    } finally {
      connection.destroy();
    }
  },
});

/** By the codes with which Redis begins its errors; the rest of the text could quote a user's name. */
const refusal = (error: unknown, { asked, env }: Context): Finding => {
  const { host } = new URL(asked.redis ?? '');
  const code = /^[A-Z]{4,}/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';
  const known = REFUSALS[code];
  if (known) return fail(`Redis at ${host} ${known[0]}`, known[1]);
  const { what, mend } = troubleOf(error, env);
  return fail(`Redis at ${host} ${what}`, `${mend} Until then each instance makes its own tokens.`);
};

const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  WRONGPASS: [
    'does not take the user name or the password',
    'Correct them in the URL: redis://user:password@host. Characters such as @ : / # % must be percent-encoded.',
  ],
  NOAUTH: ['wants a password', 'Put it into the URL: redis://:password@host.'],
  NOPERM: [
    'does not let this user do what is needed',
    'Give the user the commands and keys that the store uses: ACL SETUSER <user> ~genesys-guest:* +@read +@write +@scripting +@connection +info +time.',
  ],
  LOADING: ['is still loading its data', 'Wait until it has; the site goes on without it meanwhile.'],
  DENIED: [
    'is in protected mode and refuses other machines',
    'Give Redis a password, and bind it to the network that the site is in.',
  ],
};

const examine = async (send: Send): Promise<Finding[]> => {
  const info = parseInfo(String(await send('INFO')));
  return [await pingFinding(send, info), evictionFinding(info), ...(await usageFaults(send))];
};

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/\r?\n/)
      .map((line) => line.split(':', 2))
      .filter((pair): pair is [string, string] => pair.length === 2),
  );

const pingFinding = async (send: Send, info: ReadonlyMap<string, string>): Promise<Finding> => {
  const times: number[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const startedAt = performance.now();
    await send('PING');
    times.push(performance.now() - startedAt);
  }
  const ms = Number((times.sort((a, b) => a - b)[Math.floor(PINGS / 2)] as number).toPrecision(2));
  const version = info.get('redis_version') ?? 'of an unknown version';
  const near = 'Put Redis into the same region and network as the site.';
  if (ms > LIMIT) {
    return fail(`Redis answers after ${ms} ms, and the store waits ${LIMIT} ms: it is of no use`, near);
  }
  if (ms > SLOW) return warn(`Redis answers after ${ms} ms: each visitor feels it`, near);
  if (Number.parseInt(version, 10) < 6) {
    return warn(`Redis is ${version}, which is no longer kept up`, 'Use Redis 6.2 or newer, or Valkey.');
  }
  return pass(`Redis ${version} answers in ${ms} ms`);
};

/**
 * Every key of ours has a time to live, but for undelivered events (`durable`). `allkeys-*` may drop those for good.
 * `volatile-ttl` and `-random` drop locks and call counts first, which live shortest: duplicate calls, and more of them
 * than the platform allows.
 */
const evictionFinding = (info: ReadonlyMap<string, string>): Finding => {
  const policy = info.get('maxmemory_policy');
  const limit = Number(info.get('maxmemory') ?? 0);
  if (policy === undefined) return skip('Redis does not say its maxmemory-policy');
  const mend = 'Set maxmemory-policy volatile-lru, or noeviction with room to spare.';
  if (policy.startsWith('allkeys-')) {
    return warn(
      `Redis has maxmemory-policy ${policy}: full, it drops undelivered events (durable) and locks like any cache entry`,
      mend,
    );
  }
  if (policy === 'volatile-ttl' || policy === 'volatile-random') {
    return warn(
      `Redis has maxmemory-policy ${policy}: full, it drops locks and call counts before tokens`,
      mend,
    );
  }
  if (policy === 'noeviction' && limit > 0) {
    const used = Math.round((100 * Number(info.get('used_memory') ?? 0)) / limit);
    const what = `Redis has maxmemory-policy noeviction and is ${used}% full`;
    return used < 80
      ? pass(what)
      : warn(
          `${what}: at 100% nothing new is shared`,
          'Give it more memory, or set maxmemory-policy volatile-lru.',
        );
  }
  return pass(`Redis has maxmemory-policy ${policy}: nothing of ours is dropped too soon`);
};

/** What the store's scripts do, on a key of this visit alone that is gone after a second. */
const USE = `
redis.call('SET', KEYS[1], '1', 'PX', 1000, 'NX')
local read = redis.call('MGET', KEYS[1])
redis.call('PTTL', KEYS[1]) redis.call('EXISTS', KEYS[1]) redis.call('PEXPIRE', KEYS[1], 1000)
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], redis.call('TIME')[1], 'call') redis.call('ZCARD', KEYS[1])
redis.call('DEL', KEYS[1])
return read`;

const usageFaults = async (send: Send): Promise<Finding[]> => {
  const key = `genesys-guest:doctor:${randomBytes(6).toString('hex')}`;
  try {
    await send('EVAL', USE, '1', key);
    return [];
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (/OOM/.test(text)) {
      return [
        fail(
          'Redis is full and takes nothing new',
          'Give it more memory, or set maxmemory-policy volatile-lru.',
        ),
      ];
    }
    if (/READONLY/.test(text)) {
      return [fail('Redis is a replica and takes no writes', 'Give the URL of the primary.')];
    }
    const [what, mend] = REFUSALS['NOPERM'] as readonly [string, string];
    if (/NOPERM|permission|ACL/i.test(text)) return [fail(`Redis ${what}`, mend)];
    return [
      fail(
        'Redis does not run the scripts of the store',
        'Use Redis 6.2 or newer, or Valkey, with EVAL allowed.',
      ),
    ];
  }
};
