// The window of calls that all instances share: counted in Redis, by its clock; without it each keeps to a fair share.
import { randomBytes } from 'node:crypto';
import { WINDOW } from '../upstream/call-log.ts';
import type { SlidingWindow } from '../upstream/ports.ts';
import { KEPT_SHARE, LONGEST_PAUSE, PROBE_PAUSE } from '../upstream/sliding-window.ts';
import type { Link } from './commands.ts';
import { createDepartures } from './departures.ts';
import type { Names } from './keys.ts';
import { GIVE_BACK, LEARN, PAUSE, RECORD, TAKE } from './scripts.ts';

export interface RedisSlidingWindow extends SlidingWindow {
  /** Sees what the others have called, so that it is known should Redis go. @throws StoreUnavailable */
  look(): Promise<void>;
  /** Redis can be used, at first or again. */
  catchUp(): void;
  /** Redis came back without its memory: nothing in it says yet what the others have called. */
  lostMemory(): void;
}

export interface RedisSlidingWindowContext {
  readonly link: Link;
  readonly names: Names;
  /** What is counted together: the OAuth endpoint and its client, hashed. */
  readonly name: string;
  readonly instances: () => number;
  /** So many instances are alive, by each answer of Redis. */
  readonly onInstances?: (count: number) => void;
  readonly now: () => number;
  /** Milliseconds. */
  readonly window?: number;
}

/** Milliseconds for which a Redis that lost its memory is not believed: the others tell it meanwhile what they called. */
const SETTLING = 5_000;

/** Calls that are told to Redis in one go. */
const BATCH = 1_000;

interface OwnCall {
  readonly id: string;
  readonly at: number;
  /** Redis knows of it. */
  told: boolean;
  /** It left without Redis, and is not among the known ones yet. */
  alone: boolean;
}

export const createRedisSlidingWindow = (
  perMinute: number,
  { link, names, name, instances, onInstances, now, window = WINDOW }: RedisSlidingWindowContext,
): RedisSlidingWindow => {
  const [calls, pauses, probes, platforms] = ['calls', 'pause', 'probe', 'platform'].map((kind) =>
    names.key(kind, name),
  ) as [string, string, string, string];
  const taken = [calls, pauses, probes, platforms, names.key('instances')];
  const self = randomBytes(6).toString('base64url');
  const known = createDepartures(window, now);
  let own: OwnCall[] = [];
  let count = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let probing = false;
  let platform = { left: Number.POSITIVE_INFINITY, until: 0 };
  let settledAt = Number.NEGATIVE_INFINITY;

  const limitOf = (most: number, isKnown: boolean): number =>
    isKnown ? most : most - Math.floor(most * KEPT_SHARE);
  const prune = (): void => {
    const first = own.findIndex(({ at }) => at + window > now());
    own = first < 0 ? [] : first === 0 ? own : own.slice(first);
  };
  const nextCall = (alone: boolean): OwnCall => {
    count += 1;
    return { id: `${self}.${count.toString(36)}`, at: now(), told: !alone, alone };
  };
  const closedFor = (): number => {
    const byPlatform = platform.until > now() && platform.left < 1 ? platform.until : 0;
    return Math.max(pausedUntil, byPlatform) - now();
  };

  /** Milliseconds until `wanted` more than these are at most so many; at most a window. */
  const untilFree = (taken: readonly OwnCall[], wanted: number, most: number): number => {
    const excess = taken.length + wanted - most;
    if (excess <= 0) return 0;
    const last = taken[excess - 1];
    return last ? Math.max(1, last.at + window - now()) : window;
  };

  /**
   * Without Redis: what the window held when it was last seen leaves it over time, and each instance takes its part of
   * the room, and never more than its share of the whole. So all together stay within the limit, however unevenly they
   * called before. Milliseconds until `wanted` more may leave.
   */
  const untilAlone = (wanted: number, isKnown: boolean): number => {
    prune();
    const before = known.active();
    const share = Math.max(1, Math.floor(perMinute / instances()));
    const room = before === 0 ? share : Math.floor((perMinute - before) / instances());
    const ofShare = untilFree(own, wanted, limitOf(share, isKnown));
    const ofRoom = untilFree(
      own.filter(({ alone }) => alone),
      wanted,
      limitOf(room, isKnown),
    );
    // The room grows with each call that leaves the window.
    const soonest = before > 0 && ofRoom > 0 ? Math.min(ofRoom, known.until(before - 1)) : ofRoom;
    return Math.max(ofShare, soonest);
  };

  const takeAlone = (isKnown: boolean): number => {
    const wait = Math.max(closedFor(), untilAlone(1, isKnown));
    if (wait > 0) return wait;
    if (probing) pausedUntil = now() + PROBE_PAUSE;
    probing = false;
    own.push(nextCall(true));
    platform.left -= 1;
    return 0;
  };

  const isAlone = (): boolean => link.state !== 'connected' || now() < settledAt;

  const tell = async (): Promise<void> => {
    prune();
    for (let untold = own.filter(({ told }) => !told); untold.length > 0; untold = untold.slice(BATCH)) {
      const batch = untold.slice(0, BATCH);
      const at = now();
      await link.run(
        RECORD,
        [calls],
        [window, ...batch.flatMap((call) => [call.id, Math.max(0, Math.round(at - call.at))])],
      );
      for (const call of batch) {
        call.told = true;
        if (call.alone) known.add();
        call.alone = false;
      }
    }
  };

  /** Learns from an answer of Redis; the wait that it tells. */
  const heed = (reply: readonly number[]): number => {
    const [wait = 0, counted = 0, pause = 0, left = 0, reset = 0, live = 0, step, ...leaveIn] = reply;
    onInstances?.(live);
    if (pause > 0) pausedUntil = Math.max(pausedUntil, now() + pause);
    if (reset > 0) platform = { left, until: now() + reset };
    if (step === undefined) known.correct(counted);
    else known.replace(counted, step, leaveIn);
    return wait;
  };

  const takeShared = async (isKnown: boolean): Promise<number> => {
    if (own.some(({ told }) => !told)) await tell();
    const call = nextCall(false);
    const args = [limitOf(perMinute, isKnown), window, call.id, PROBE_PAUSE];
    const reply = (await link.run(TAKE, taken, args)) as number[];
    const wait = heed(reply);
    if (wait > 0) return wait;
    prune();
    own.push(call);
    probing = false;
    return 0;
  };

  const push = (script: typeof PAUSE, keys: readonly string[], args: readonly number[]): void => {
    link.run(script, keys, args).catch(() => {});
  };
  const pushPause = (): void => {
    const rest = Math.ceil(pausedUntil - now());
    if (rest > 0) push(PAUSE, [pauses, probes], [rest, probing ? rest + window : 0]);
  };

  return {
    take: async (isKnown) => {
      const wait = closedFor();
      if (wait > 0) return wait;
      if (now() < settledAt) return takeAlone(isKnown);
      try {
        return await takeShared(isKnown);
      } catch {
        return takeAlone(isKnown);
      }
    },
    giveBack: () => {
      const last = own.pop();
      if (!last?.told) return;
      known.correct(Math.max(0, known.active() - 1));
      link.run(GIVE_BACK, [calls], [last.id]).catch(() => {});
    },
    forecast: (wanted, isKnown) => {
      const most = limitOf(perMinute, isKnown);
      // Beyond a whole window, window by window.
      const rounds = Math.floor((wanted - 1) / most);
      const room = known.until(Math.max(0, most - (((wanted - 1) % most) + 1)));
      const byPlatform = platform.until > now() && wanted > platform.left ? platform.until - now() : 0;
      const byShare = isAlone() ? untilAlone(wanted, isKnown) : 0;
      return Math.max(0, room + rounds * window, byShare, byPlatform, pausedUntil - now());
    },
    pause: (ms) => {
      probing = ms > LONGEST_PAUSE;
      pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, LONGEST_PAUSE));
      pushPause();
    },
    learn: (_allowed, left, resetIn) => {
      // The usual case, and no reason to ask Redis: the platform is not stricter than we are.
      if (left >= perMinute - known.active()) return;
      platform = { left, until: now() + resetIn };
      push(LEARN, [platforms], [Math.max(0, Math.floor(left)), Math.ceil(resetIn)]);
    },
    get left() {
      if (pausedUntil > now()) return 0;
      const room = Math.max(0, perMinute - known.active());
      return platform.until > now() ? Math.min(room, Math.max(0, platform.left)) : room;
    },
    look: async () => {
      if (now() < settledAt) return;
      const args = [perMinute, window, '', PROBE_PAUSE];
      const reply = (await link.run(TAKE, taken, args)) as number[];
      heed(reply);
    },
    catchUp: () => {
      pushPause();
      tell().catch(() => {});
    },
    lostMemory: () => {
      settledAt = now() + SETTLING;
      for (const call of own) call.told = false;
      pushPause();
      tell().catch(() => {});
    },
  };
};
