// Events that wait in Redis: encrypted, one stream for a deployment, read by whichever instance lives, at least once each.
import type { Encryption } from '../lib/encryption.ts';
import type { CloudEvent } from '../observe/cloud-event.ts';
import type { DropReason, EventQueue, QueuedEvent } from '../observe/event-queue.ts';
import type { RedisCommands } from './commands.ts';
import type { Names } from './keys.ts';
import { scriptOf } from './scripts.ts';

export interface RedisEventQueueOptions {
  readonly commands: Pick<RedisCommands, 'run'>;
  readonly names: Pick<Names, 'key' | 'plain'>;
  readonly encryption: Encryption;
  /** This instance's name, unlike any other's. */
  readonly self: string;
  readonly webchatId: string;
  /** Events that may wait. */
  readonly max: number;
  readonly onDropped: (reason: DropReason, count: number) => void;
}

const GROUP = 'senders';

/** Milliseconds after which what an instance was sending is taken over by another: it has not said that it lives. */
const TAKEN_OVER_AFTER = 15_000;

/** Milliseconds in which an instance says of what it is sending that it lives. */
const HEARTBEAT = 5_000;

/** Milliseconds between two looks for what others left. */
const POLL = 1_000;

/** Refused events that are kept to be looked at. */
const SET_ASIDE = 1_000;

/** Milliseconds after which the name of an instance that has nothing left is forgotten. */
const FORGOTTEN_AFTER = 86_400_000;

/** KEYS: stream. ARGV: encrypted, max. The number that wait now, or -1 where there was no room. */
const ADD = scriptOf(`
local waiting = redis.call('XLEN', KEYS[1])
if waiting >= tonumber(ARGV[2]) then return -1 end
redis.call('XADD', KEYS[1], '*', 'e', ARGV[1])
return waiting + 1
`);

/** KEYS: stream. ARGV: group, instance, ms, count. First what a dead instance left, then what nobody has. */
const TAKE = scriptOf(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {0, {}} end
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0')
local count = tonumber(ARGV[4])
local taken = {}
for _, entry in ipairs(redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], '0-0', 'COUNT', count)[2]) do
  if entry then table.insert(taken, entry) end
end
if #taken < count then
  local fresh = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', count - #taken, 'STREAMS', KEYS[1], '>')
  if fresh then
    for _, entry in ipairs(fresh[1][2]) do table.insert(taken, entry) end
  end
end
return {redis.call('XLEN', KEYS[1]), taken}
`);

/** KEYS: stream. ARGV: group, instance, ids. Says that the instance lives and is sending these. */
const KEEP = scriptOf(`
for i = 3, #ARGV do redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID') end
return 1
`);

/** KEYS: stream, set aside. ARGV: group, most set aside, ids and, where they are refused, what is kept of each. */
const SETTLE = scriptOf(`
for i = 3, #ARGV, 2 do
  redis.pcall('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
  if ARGV[i + 1] ~= '' then redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[i + 1]) end
end
return redis.call('XLEN', KEYS[1])
`);

/** KEYS: stream. ARGV: group, instance, ms. Forgets the names of this and of long-gone instances that hold nothing. */
const LEAVE = scriptOf(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local known = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if known.err then return 0 end
for _, fields in ipairs(known) do
  local consumer = {}
  for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
  local gone = consumer.name == ARGV[2] or tonumber(consumer.idle) > tonumber(ARGV[3])
  if gone and tonumber(consumer.pending) == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name) end
end
return 1
`);

export const createRedisEventQueue = (options: RedisEventQueueOptions): EventQueue => {
  const { commands, names, encryption, self, webchatId, max, onDropped } = options;
  const stream = names.key('events', names.plain(webchatId));
  const aside = names.key('events-refused', names.plain(webchatId));
  /** What Redis could not take: it is sent from here. */
  let local: QueuedEvent[] = [];
  const sending = new Set<string>();
  const adds = new Set<Promise<void>>();
  let there = 0;
  let unsettled: string[] = [];
  let closing = false;

  const heartbeat = setInterval(() => {
    if (sending.size > 0) commands.run(KEEP, [stream], [GROUP, self, ...sending]).catch(() => {});
  }, HEARTBEAT);
  heartbeat.unref();

  const keepHere = (event: CloudEvent): void => {
    if (local.length < max) local.push({ key: '', event });
    else onDropped('overflow', 1);
  };

  const add = async (event: CloudEvent): Promise<void> => {
    try {
      const waiting = Number(
        await commands.run(ADD, [stream], [encryption.encrypt(JSON.stringify(event), stream), max]),
      );
      if (waiting < 0) onDropped('overflow', 1);
      else there = waiting;
    } catch {
      keepHere(event);
    }
  };

  /** Tells Redis what is done with; what it does not hear now it hears next time. */
  const tell = async (): Promise<void> => {
    const batch = unsettled.splice(0);
    if (batch.length === 0) return;
    try {
      there = Number(await commands.run(SETTLE, [stream, aside], [GROUP, SET_ASIDE, ...batch]));
    } catch {
      unsettled = [...batch, ...unsettled].slice(-2 * max);
    }
  };

  const read = (entry: unknown): QueuedEvent | undefined => {
    const [key, fields] = entry as [string, unknown];
    const text = Array.isArray(fields) ? encryption.decrypt(String(fields[1]), stream) : undefined;
    if (text !== undefined) return { key, event: JSON.parse(text) as CloudEvent };
    // A stranger's, or encrypted with a secret that is in use no more: nobody can read it.
    unsettled.push(key, '');
    onDropped('unreadable', 1);
    return undefined;
  };

  const take = async (most: number): Promise<QueuedEvent[]> => {
    await tell();
    const answer = await commands.run(TAKE, [stream], [GROUP, self, TAKEN_OVER_AFTER, most]);
    const [waiting, entries] = answer as [number, unknown[]];
    there = Number(waiting);
    const events = entries.map(read).filter((event) => event !== undefined);
    for (const { key } of events) sending.add(key);
    return events;
  };

  return {
    offer: (event) => {
      if (closing || there + local.length >= max) return false;
      const adding = add(event).finally(() => adds.delete(adding));
      adds.add(adding);
      return true;
    },
    next: async (most) => {
      if (local.length > 0) return local.slice(0, most);
      try {
        return await take(most);
      } catch {
        return [];
      }
    },
    settle: async (events, how) => {
      for (const { key, event } of events) {
        if (key === '') {
          local = local.filter((other) => other.event !== event);
          continue;
        }
        sending.delete(key);
        unsettled.push(key, how === 'refused' ? encryption.encrypt(JSON.stringify(event), aside) : '');
      }
      await tell();
    },
    get size() {
      return there + local.length;
    },
    poll: POLL,
    close: async () => {
      closing = true;
      clearInterval(heartbeat);
      await Promise.all([...adds, tell()]);
      await Promise.all(local.splice(0).map(({ event }) => add(event)));
      await commands.run(LEAVE, [stream], [GROUP, self, FORGOTTEN_AFTER]).catch(() => {});
      return local.length;
    },
  };
};
