// Who is there: each instance says so now and then, and hears how many they are and whether Redis kept its memory.
import { randomBytes } from 'node:crypto';
import { sleep } from '../lib/timers.ts';
import type { Link } from './commands.ts';
import type { Names } from './keys.ts';
import type { Bus } from './pub-sub.ts';
import { BEAT, LEAVE } from './scripts.ts';

export interface Presence {
  /** Instances that were alive when last asked, this one included. */
  readonly instances: number;
  /** So many were seen between two signs of life. */
  saw(count: number): void;
  /** Another instance says that it is there. */
  heard(sender: string): void;
  beat(): Promise<void>;
  close(): Promise<void>;
}

export interface PresenceContext {
  readonly link: Link;
  readonly bus: Bus;
  readonly names: Names;
  readonly self: string;
  readonly now: () => number;
  readonly random: () => number;
  /** Heard of the others: time to look what they have called. */
  readonly onBeat: () => void;
  /** Redis came back without what it held. */
  readonly onLostMemory: () => void;
}

/** Milliseconds between two signs of life, up to a tenth more. */
const BEAT_EVERY = 5_000;

/** Milliseconds without a sign after which an instance is taken to be gone. */
const ALIVE = 15_000;

/** Instances that are told apart between two signs of life. */
const MOST = 10_000;

export const createPresence = (context: PresenceContext): Presence => {
  const { link, bus, names, self, now, random, onBeat, onLostMemory } = context;
  const live = names.key('instances');
  const marker = names.key('marker');
  let instances = 1;
  let until = Number.NEGATIVE_INFINITY;
  let known: string | undefined;
  /** Those who said so since Redis was last asked. */
  const others = new Set<string>();
  let closed = false;

  const beat = async (): Promise<void> => {
    if (closed) return;
    const args = [self, ALIVE, randomBytes(9).toString('base64url'), bus.channel, bus.message('alive')];
    const counted = [...others];
    try {
      const [count, seen] = (await link.run(BEAT, [live, marker], args)) as [number, string];
      const lost = known !== undefined && known !== seen;
      if (lost) until = now() + ALIVE;
      // Whoever spoke since we asked may not be among those counted; a Redis that lost its memory has heard of few.
      for (const other of counted) others.delete(other);
      instances = Math.max(1, count + others.size, now() < until ? instances : 0);
      known = seen;
      if (lost) onLostMemory();
      onBeat();
    } catch {
      // The number last seen is the best there is.
    }
  };
  const end = new AbortController();
  const beats = async (): Promise<void> => {
    while (!closed) {
      await sleep(BEAT_EVERY * (1 + random() / 10), end.signal);
      await beat();
    }
  };
  void beats();

  return {
    get instances() {
      return instances;
    },
    saw: (count) => {
      instances = Math.max(instances, count);
    },
    heard: (sender) => {
      if (others.size < MOST) others.add(sender);
      instances = Math.max(instances, others.size + 1);
    },
    beat,
    close: async () => {
      closed = true;
      end.abort();
      await link.run(LEAVE, [live], [self]).catch(() => {});
    },
  };
};
