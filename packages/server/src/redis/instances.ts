// What instances know of each other, once a minute and not more: how they are set up, which webchats there are, and whom
// the site has erased.
import { randomBytes } from 'node:crypto';
import type { Encryption } from '../lib/encryption.ts';
import { sleep } from '../lib/timers.ts';
import type { RedisCommands } from './commands.ts';
import type { Names } from './keys.ts';
import { numbers } from './leased-cache.ts';
import { NOW, scriptOf } from './scripts.ts';

/** Instances that are set up alike. */
export interface InstanceGroup {
  readonly count: number;
  /** Of what lies in Redis. */
  readonly format: string;
  readonly perMinute: string;
  /** Of their secrets, in order. */
  readonly secrets: string;
}

export interface Instances {
  /** Those of the last two minutes, this one included. */
  readonly groups: readonly InstanceGroup[];
  /** A token is issued for this webchat: whoever is erased is erased there, too. */
  sawWebchat(webchatId: string): void;
  /** Every instance forgets this guest within a minute. All webchats there are. @throws StoreUnavailable */
  erase(externalId: string): Promise<readonly string[]>;
  beat(): Promise<void>;
  close(): void;
}

export interface InstancesContext {
  readonly commands: RedisCommands;
  readonly names: Names;
  readonly encryption: Encryption;
  readonly perMinute: number;
  readonly secretsId: string;
  readonly random: () => number;
  /** Another instance was told to erase this guest. */
  readonly onErased: (externalId: string) => void;
}

/** Changes with what lies in Redis. */
const FORMAT = 1;

/** Milliseconds. */
const MINUTE = 60_000;
const ALIVE = 2.5 * MINUTE;
const ERASED_FOR = 1_440 * MINUTE;
const WEBCHAT_FOR = 400 * ERASED_FOR;

/**
 * KEYS: instances, webchats, erased. ARGV: this one, ms that it counts, ms that a webchat does, ms that an erasure does,
 * since when erasures are asked for, then for each webchat a name and the encrypted id. Redis' time, how many are set up how, and whom to erase: however many
 * instances there are, no more than 32 and 1,000.
 */
const BEAT = scriptOf(`${NOW}
local function add(key, member, life)
  redis.call('ZADD', key, now, member)
  redis.call('PEXPIRE', key, life)
end
add(KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
for i = 6, #ARGV, 2 do
  if redis.call('HLEN', KEYS[2]) < 1000 then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[4])
local counts, groups = {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, 9999)) do
  local group = string.match(member, '^%S+ (%d+ %d+ %S+)$')
  if group and not counts[group] and #groups < 32 then groups[#groups + 1] = group end
  if group then counts[group] = (counts[group] or 0) + 1 end
end
for i, group in ipairs(groups) do groups[i] = counts[group] .. ' ' .. group end
return {now, groups, redis.call('ZRANGE', KEYS[3], ARGV[5], '+inf', 'BYSCORE', 'LIMIT', 0, 1000)}
`);

/** KEYS: webchats, erased. ARGV: whom, ms that it is remembered. All webchats. */
const ERASE = scriptOf(`${NOW}
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return redis.call('HVALS', KEYS[1])
`);

export const createInstances = (context: InstancesContext): Instances => {
  const { commands, names, encryption, perMinute, secretsId, random, onErased } = context;
  const [instances, webchats, erased] = ['instances', 'webchats', 'erased'].map((kind) =>
    names.key(kind, '{instances}'),
  ) as [string, string, string];
  const self = `${randomBytes(9).toString('base64url')} ${FORMAT} ${perMinute} ${secretsId}`;
  /** With what is written of each. */
  const seenWebchats = new Map<string, readonly [string, string]>();
  const end = new AbortController();
  let groups: readonly InstanceGroup[] = [];
  let since = 0;

  const beat = async (): Promise<void> => {
    const args = [self, ALIVE, WEBCHAT_FOR, ERASED_FOR, since, ...[...seenWebchats.values()].flat()];
    const reply = await commands.run(BEAT, [instances, webchats, erased], args).catch(() => undefined);
    if (!Array.isArray(reply)) return;
    const [time, counted, gone] = reply;
    groups = strings(counted).map((text) => {
      const [count, format = '', most = '', secrets = ''] = text.split(' ');
      return { count: Number(count), format, perMinute: most, secrets };
    });
    for (const text of strings(gone)) {
      const externalId = encryption.decrypt(text, erased);
      if (externalId !== undefined) onErased(externalId);
    }
    since = numbers(time)[0] ?? 0;
  };
  const beats = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await sleep(MINUTE * (0.9 + random() / 10), end.signal, false);
      if (!end.signal.aborted) await beat();
    }
  };
  void beats();

  return {
    get groups() {
      return groups;
    },
    sawWebchat: (webchatId) => {
      if (seenWebchats.has(webchatId)) return;
      const [name = ''] = names.of(webchatId);
      seenWebchats.set(webchatId, [name, encryption.encrypt(webchatId, webchats)]);
      void beat();
    },
    erase: async (externalId) => {
      const args = [encryption.encrypt(externalId, erased), ERASED_FOR];
      const known = strings(await commands.run(ERASE, [webchats, erased], args));
      return [...seenWebchats.keys(), ...known.flatMap((text) => encryption.decrypt(text, webchats) ?? [])];
    },
    beat,
    close: () => end.abort(),
  };
};

const strings = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((text) => typeof text === 'string');
