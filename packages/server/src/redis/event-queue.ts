// Events that wait in Redis: encrypted, one queue for a deployment, read by whichever instance lives, at least once each.
import { createEncryption, type Encryption, isNewer } from '../lib/encryption.ts';
import type { CloudEvent } from '../observe/cloud-event.ts';
import {
  createMemoryQueue,
  type DropReason,
  type EventQueue,
  isOf,
  type OpenEventQueue,
  type QueuedEvent,
} from '../observe/event-queue.ts';
import { type RedisBase, tellAll } from './base.ts';
import { NOW } from './scripts.ts';

/** Milliseconds without a heartbeat after which another instance sends what an instance was sending. */
const TAKEN_OVER_AFTER = 15_000;

/** Milliseconds between two heartbeats for the events that this instance is sending. */
const HEARTBEAT = 5_000;

/** Milliseconds between two looks for what others left. */
const POLL = 1_000;

/** Refused events that are kept to be looked at, and for how many ms. */
const SET_ASIDE = 1_000;
const SET_ASIDE_FOR = 2_592_000_000;

/** KEYS: events, each with when it is due. ARGV: encrypted, max. @returns how many wait now, or -1 if there was no room */
const ADD = `${NOW}
local waiting = redis.call('ZCARD', KEYS[1])
if waiting >= tonumber(ARGV[2]) then return -1 end
redis.call('ZADD', KEYS[1], now, ARGV[1])
return waiting + 1
`;

/**
 * KEYS: events. ARGV: count. Takes events that are due, and makes them due again later.
 * @returns how many wait, and the events taken
 */
const TAKE = `${NOW}
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])
for _, event in ipairs(due) do redis.call('ZADD', KEYS[1], now + ${TAKEN_OVER_AFTER}, event) end
return {redis.call('ZCARD', KEYS[1]), due}
`;

/** KEYS: events. ARGV: events. Defers these events, because the instance that is sending them lives. */
const KEEP = `${NOW}
for _, event in ipairs(ARGV) do redis.call('ZADD', KEYS[1], 'XX', now + ${TAKEN_OVER_AFTER}, event) end
`;

/** KEYS: events, set aside. ARGV: events and, where refused, what is kept of each. */
const SETTLE = `${NOW}
for i = 1, #ARGV, 2 do
  redis.call('ZREM', KEYS[1], ARGV[i])
  if ARGV[i + 1] ~= '' then redis.call('ZADD', KEYS[2], now, ARGV[i + 1]) end
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, ${-1 - SET_ASIDE})
redis.call('PEXPIRE', KEYS[2], ${SET_ASIDE_FOR})
return redis.call('ZCARD', KEYS[1])
`;

/** Events that Redis is asked for in one go: a full queue is more than it can hand over in the time of a command. */
const PART = 500;

/**
 * KEYS: events. ARGV: before which place. From the end, so that no event which leaves the queue meanwhile moves another
 * past the look; those that are taken meanwhile are being sent.
 * @returns the place of the first, and the events
 */
const BEFORE = `
local place = math.min(ARGV[1], redis.call('ZCARD', KEYS[1]))
local first = math.max(0, place - ${PART})
return {first, place > 0 and redis.call('ZRANGE', KEYS[1], first, place - 1) or {}}
`;

export class RedisEventQueue implements EventQueue {
  readonly poll = POLL;
  readonly #commands: RedisBase['commands'];
  readonly #encryption: Encryption;
  readonly #max: number;
  readonly #onDropped: (reason: DropReason, count: number) => void;
  readonly #events: string;
  readonly #aside: string;
  /** Events that Redis could not take: this instance sends them itself. */
  readonly #local: EventQueue;
  /** Events that this instance has taken: nothing while it sends them, then what is kept of each, until Redis has heard it. */
  readonly #taken = new Map<string, string | undefined>();
  readonly #heartbeat: NodeJS.Timeout;
  /** Events in Redis, when last asked. */
  #there = 0;
  #adding: Promise<void> | undefined;
  /** Whom the next look through the queue is for. */
  #erased = new Set<string>();
  #erasing: Promise<void> | undefined;
  #isClosing = false;

  /** @param max events that may wait */
  constructor(
    { commands, names, secrets, webchatId }: RedisBase,
    ...[max, onDropped]: Parameters<OpenEventQueue>
  ) {
    this.#commands = commands;
    this.#encryption = createEncryption(secrets, 'event');
    this.#max = max;
    this.#onDropped = onDropped;
    this.#local = createMemoryQueue(max, onDropped);
    this.#events = names.key('events', names.plain(webchatId));
    this.#aside = names.key('events-refused', names.plain(webchatId));
    this.#heartbeat = setInterval(() => {
      if (this.#taken.size === 0) return;
      commands.run(KEEP, [this.#events], [...this.#taken.keys()]).catch(() => {});
    }, HEARTBEAT);
    this.#heartbeat.unref();
  }

  get size(): number {
    return this.#there + this.#local.size;
  }

  offer(event: CloudEvent): boolean {
    if (this.#isClosing || this.size >= this.#mostFor(event)) return false;
    this.#adding = Promise.all([this.#adding, this.#add(event)]).then(() => {});
    return true;
  }

  async next(most: number): Promise<readonly QueuedEvent[]> {
    return this.#local.size > 0 ? this.#local.next(most) : this.#take(most).catch(() => []);
  }

  async settle(events: readonly QueuedEvent[], how: 'delivered' | 'refused'): Promise<void> {
    // All of a batch come from here, or from Redis.
    if (!this.#taken.has(events[0]?.key ?? '')) return this.#local.settle(events, how);
    for (const { key, event } of events) {
      this.#taken.set(key, how === 'refused' ? this.#encrypt(event, this.#aside) : '');
    }
    await this.#tell();
  }

  async erase(externalId: string): Promise<void> {
    await this.#local.erase(externalId);
    this.#erased.add(externalId);
    // Whoever is erased while one look is under way is looked for together with the next.
    this.#erasing ??= this.#eraseAll().finally(() => {
      this.#erasing = undefined;
    });
    await this.#erasing;
  }

  async #eraseAll(): Promise<void> {
    // Those of the same moment are looked for together.
    await undefined;
    while (this.#erased.size > 0) {
      const guests = this.#erased;
      this.#erased = new Set();
      for (let place = Number.MAX_SAFE_INTEGER; place !== 0; ) {
        const reply = await this.#commands.run(BEFORE, [this.#events], [place]);
        const [first, keys] = reply as [number, string[]];
        const theirs = keys.filter((key) => !this.#taken.has(key) && this.#isOf(guests, key));
        for (const key of theirs) this.#taken.set(key, '');
        await this.#tell();
        place = Number(first);
      }
    }
  }

  #isOf(guests: ReadonlySet<string>, key: string): boolean {
    const text = this.#encryption.decrypt(key, this.#events);
    const event = text !== undefined && (JSON.parse(text) as CloudEvent);
    return event && guests.has(event.data.externalId) && isOf(event.data.externalId, event);
  }

  async close(): Promise<number> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    await Promise.all([this.#adding, this.#tell()]);
    const rest = await this.#local.next(this.#max);
    await this.#local.settle(rest, 'delivered');
    await tellAll(rest, ({ event }) => this.#add(event));
    return this.#local.close();
  }

  /** A flood of forgetting may fill half of the queue: the rest is for what else happens. */
  #mostFor({ data }: CloudEvent): number {
    return data.action === 'FORGOTTEN' ? this.#max / 2 : this.#max;
  }

  async #add(event: CloudEvent): Promise<void> {
    try {
      const args = [this.#encrypt(event, this.#events), this.#mostFor(event)];
      const waiting = Number(await this.#commands.run(ADD, [this.#events], args));
      if (waiting < 0) this.#onDropped('overflow', 1);
      else this.#there = waiting;
    } catch {
      if (!this.#local.offer(event)) this.#onDropped('overflow', 1);
    }
  }

  async #take(most: number): Promise<QueuedEvent[]> {
    await this.#tell();
    const reply = await this.#commands.run(TAKE, [this.#events], [Math.min(most, PART)]);
    const [waiting, due] = reply as [number, string[]];
    this.#there = Number(waiting);
    const events = due.flatMap((key) => this.#read(key));
    for (const { key } of events) this.#taken.set(key, undefined);
    return events;
  }

  #read(key: string): QueuedEvent | [] {
    const text = this.#encryption.decrypt(key, this.#events);
    if (text !== undefined) return { key, event: JSON.parse(text) as CloudEvent };
    if (isNewer(key)) return [];
    // Written by somebody else, or encrypted with a secret that is no longer in use: nobody can read it.
    this.#taken.set(key, '');
    this.#onDropped('unreadable', 1);
    return [];
  }

  /** Tells Redis which events are settled. If that fails, they are told again next time. */
  async #tell(): Promise<void> {
    const settled = [...this.#taken].filter(([, kept]) => kept !== undefined) as [string, string][];
    if (settled.length === 0) return;
    const telling = this.#commands.run(SETTLE, [this.#events, this.#aside], settled.flat());
    const reply = await telling.catch(() => undefined);
    if (reply === undefined) return;
    this.#there = Number(reply);
    for (const [key] of settled) this.#taken.delete(key);
  }

  #encrypt(event: CloudEvent, at: string): string {
    return this.#encryption.encrypt(JSON.stringify(event), at);
  }
}
