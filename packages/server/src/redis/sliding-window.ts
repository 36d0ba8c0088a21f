// The window of calls that all instances share: counted in Redis, by its clock; without it each counts its own.
import { randomBytes } from 'node:crypto';
import { WINDOW } from '../upstream/call-log.ts';
import type { SlidingWindow } from '../upstream/ports.ts';
import { createSlidingWindow, KEPT_SHARE, LONGEST_PAUSE, PROBE_PAUSE } from '../upstream/sliding-window.ts';
import type { RedisCommands } from './commands.ts';
import type { Names } from './keys.ts';
import { numbers } from './leased-cache.ts';
import { GIVE_BACK, LEARN, PAUSE, RECORD, TAKE } from './scripts.ts';

export interface RedisSlidingWindowContext {
  readonly commands: RedisCommands;
  readonly names: Names;
  /** What is counted together: the OAuth endpoint and its client, hashed. */
  readonly name: string;
  /** How many instances share the calls, where the site says so: without Redis each then makes no more than its part. */
  readonly instances?: number | undefined;
  readonly now: () => number;
  /** Milliseconds. */
  readonly window?: number;
}

/** Calls that are told to Redis in one go. */
const BATCH = 1_000;

/** Milliseconds for which it is believed what the platform allows. */
const ALLOWED_FOR = 600_000;

interface Call {
  readonly id: string;
  readonly at: number;
}

export class RedisSlidingWindow implements SlidingWindow {
  readonly #perMinute: number;
  readonly #context: RedisSlidingWindowContext;
  readonly #window: number;
  /** What this instance knows without Redis; the platform's own count, which counts all, keeps it honest. */
  readonly #alone: SlidingWindow;
  readonly #keys: {
    readonly calls: string;
    readonly pause: string;
    readonly probe: string;
    readonly left: string;
    readonly allowed: string;
  };
  readonly #self = randomBytes(6).toString('base64url');
  /** The calls of this instance that count, oldest first: told to Redis again when it comes back. */
  #own: Call[] = [];
  #made = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isProbe = false;
  /** By Redis' last answer: calls that count, and when they cease to, `step` at a time. */
  #seen = { count: 0, until: 0, step: 1, leaveAt: [] as number[] };
  #platform = { left: Number.POSITIVE_INFINITY, until: 0 };
  #most: number;

  constructor(perMinute: number, context: RedisSlidingWindowContext) {
    const { names, name, instances = 1, now, window = WINDOW } = context;
    const key = (kind: string) => names.key(kind, name);
    this.#perMinute = perMinute;
    this.#most = perMinute;
    this.#context = context;
    this.#window = window;
    this.#alone = createSlidingWindow(Math.max(1, Math.floor(perMinute / instances)), now);
    this.#keys = {
      calls: key('calls'),
      pause: key('pause'),
      probe: key('probe-after-pause'),
      left: key('platform-left'),
      allowed: key('platform-allowed'),
    };
  }

  async take(known: boolean): Promise<number> {
    const paused = this.#pausedUntil - this.#context.now();
    if (paused > 0) return paused;
    this.#made += 1;
    const call = { id: `${this.#self}.${this.#made.toString(36)}`, at: this.#context.now() };
    try {
      const wait = await this.#takeShared(call, known);
      // Should Redis go, it is known what left before.
      if (wait === 0) await this.#alone.take(true);
      return wait;
    } catch {
      const wait = await this.#alone.take(known);
      if (wait === 0) this.#own.push(call);
      return wait;
    }
  }

  giveBack(): void {
    const last = this.#own.pop();
    if (!last) return;
    this.#alone.giveBack();
    this.#seen.count = Math.max(0, this.#seen.count - 1);
    this.#push(GIVE_BACK, [this.#keys.calls], [last.id]);
  }

  forecast(calls: number, known: boolean): number {
    if (this.#context.commands.state !== 'connected') return this.#alone.forecast(calls, known);
    const now = this.#context.now();
    const kept = known ? 0 : Math.floor(this.#most * KEPT_SHARE);
    const limit = this.#most - kept;
    // Beyond a whole window, window by window.
    const rounds = Math.floor((calls - 1) / limit);
    const room = this.#untilFree(this.#active() + ((calls - 1) % limit) + 1 - limit);
    const { left, until } = this.#platform;
    const byPlatform = until > now && calls + kept > left ? until - now : 0;
    return Math.max(0, room + rounds * this.#window, byPlatform, this.#pausedUntil - now);
  }

  pause(ms: number): void {
    this.#alone.pause(ms);
    const until = this.#context.now() + Math.min(ms, LONGEST_PAUSE);
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#isProbe = ms > LONGEST_PAUSE;
    this.#tellPause();
  }

  learn(allowed: number, left: number, resetIn: number): void {
    this.#alone.learn(allowed, left, resetIn);
    const most = Math.max(1, Math.min(this.#perMinute, Math.floor(allowed)));
    // The usual case, and no reason to ask Redis: the platform is not stricter than we are.
    if (most === this.#most && left >= most - this.#active()) return;
    this.#most = most;
    const reset = Math.ceil(Math.min(Math.max(resetIn, 0), this.#window));
    const remaining = Math.max(0, Math.floor(left));
    this.#platform = { left: remaining, until: this.#context.now() + reset };
    this.#push(LEARN, [this.#keys.left, this.#keys.allowed], [remaining, reset, most, ALLOWED_FOR]);
  }

  get left(): number {
    if (this.#context.commands.state !== 'connected') return this.#alone.left;
    if (this.#pausedUntil > this.#context.now()) return 0;
    const room = Math.max(0, this.#most - this.#active());
    const { left, until } = this.#platform;
    return until > this.#context.now() ? Math.min(room, Math.max(0, left)) : room;
  }

  /** Redis can be used, at first or again: it hears of the calls that it missed, or has lost. */
  catchUp(): void {
    this.#tellPause();
    this.#prune();
    const at = this.#context.now();
    for (let rest = this.#own; rest.length > 0; rest = rest.slice(BATCH)) {
      const calls = rest.slice(0, BATCH).flatMap((call) => [call.id, Math.max(0, Math.round(at - call.at))]);
      this.#push(RECORD, [this.#keys.calls], [this.#window, ...calls]);
    }
  }

  async #takeShared(call: Call, known: boolean): Promise<number> {
    const { calls, pause, probe, left, allowed } = this.#keys;
    const kept = known ? 0 : KEPT_SHARE;
    const args = [this.#perMinute, kept, this.#window, call.id, LONGEST_PAUSE, PROBE_PAUSE, ALLOWED_FOR];
    const reply = await this.#context.commands.run(TAKE, [calls, pause, probe, left, allowed], args);
    const wait = this.#heed(numbers(reply));
    if (wait > 0) return wait;
    this.#isProbe = false;
    this.#prune();
    this.#own.push(call);
    return 0;
  }

  /** Learns from an answer of Redis; the wait that it tells. */
  #heed([
    wait = 0,
    count = 0,
    most = 0,
    pause = 0,
    left = -1,
    reset = 0,
    step = 1,
    ...leaveIn
  ]: number[]): number {
    const now = this.#context.now();
    if (pause > 0) {
      const until = now + Math.min(pause, LONGEST_PAUSE);
      if (until > this.#pausedUntil) this.#alone.pause(Math.min(pause, LONGEST_PAUSE));
      this.#pausedUntil = Math.max(this.#pausedUntil, until);
    }
    this.#most = Math.max(1, Math.min(this.#perMinute, most));
    if (left >= 0 && reset > 0) this.#platform = { left, until: now + Math.min(reset, this.#window) };
    const until = now + this.#window;
    if (wait > 0) this.#seen = { count, until, step, leaveAt: leaveIn.map((ms) => now + ms) };
    else this.#seen = { ...this.#seen, count, until, leaveAt: this.#seen.leaveAt.filter((at) => at > now) };
    return Math.max(0, Math.min(wait, Math.max(LONGEST_PAUSE, this.#window)));
  }

  /** Calls that still count, as far as is known. */
  #active(): number {
    const now = this.#context.now();
    const { leaveAt, step, count, until } = this.#seen;
    if (now >= until) return 0;
    const gone = leaveAt.filter((at) => at <= now).length;
    return Math.max(0, count - gone * step);
  }

  /** Milliseconds until so many calls have ceased to count. Where nothing is known of that, Redis is asked: 0. */
  #untilFree(calls: number): number {
    if (calls <= 0) return 0;
    const now = this.#context.now();
    const { leaveAt, step } = this.#seen;
    const ahead = leaveAt.filter((at) => at > now);
    if (ahead.length === 0) return 0;
    return (ahead[Math.ceil(calls / step) - 1] ?? now + this.#window) - now;
  }

  #prune(): void {
    const since = this.#context.now() - this.#window;
    const first = this.#own.findIndex(({ at }) => at > since);
    if (first !== 0) this.#own = first < 0 ? [] : this.#own.slice(first);
  }

  #tellPause(): void {
    const rest = Math.ceil(this.#pausedUntil - this.#context.now());
    const probe = this.#isProbe ? rest + this.#window : 0;
    if (rest > 0) this.#push(PAUSE, [this.#keys.pause, this.#keys.probe], [rest, probe]);
  }

  #push(script: typeof PAUSE, keys: readonly string[], args: readonly (string | number)[]): void {
    this.#context.commands.run(script, keys, args).catch(() => {});
  }
}
