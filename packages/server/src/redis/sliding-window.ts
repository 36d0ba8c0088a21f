// The window of calls that all instances share: counted in Redis, by its clock; without it each counts its own.
import { randomBytes } from 'node:crypto';
import { CallLog, WINDOW } from '../upstream/call-log.ts';
import type { Priority, SlidingWindow, UpstreamLimits } from '../upstream/ports.ts';
import { createSlidingWindow, KEPT_SHARE, LONGEST_PAUSE } from '../upstream/sliding-window.ts';
import { numbers, type RedisBase } from './base.ts';
import { LEARN, PAUSE, RECORD, TAKE, TAKE_OUT } from './scripts.ts';

/** Calls that a Redis which comes back is told in one go, the newest: ten milliseconds for it. */
const MOST_TOLD = 10_000;

export class RedisSlidingWindow implements SlidingWindow {
  readonly #perMinute: number;
  readonly #base: Pick<RedisBase, 'commands' | 'names' | 'now'>;
  readonly #keys: readonly string[];
  readonly #window: number;
  readonly #instances: number;
  /** The calls of this instance, told to Redis again when it comes back; the pauses; the platform's own count. */
  readonly #log = new CallLog();
  /** What this instance may do without Redis, by that log. */
  readonly #alone: SlidingWindow;
  /** By Redis' last answer: when calls of each priority may leave; calls that could leave, until when, and most calls. */
  readonly #freeAt: Record<Priority, number> = { known: 0, newcomer: 0, frequent: 0 };
  #shared: { room: number; until: number; most: number };

  /**
   * @param name what is counted together: the OAuth endpoint and its client, hashed
   * @param instances how many share the calls: without Redis each makes no more than its part
   * @param window milliseconds
   */
  constructor(
    base: Pick<RedisBase, 'commands' | 'names' | 'now'>,
    name: string,
    { perMinute, instances = 1 }: Pick<UpstreamLimits, 'perMinute' | 'instances'>,
    window = WINDOW,
  ) {
    this.#perMinute = perMinute;
    this.#shared = { room: perMinute, until: 0, most: perMinute };
    this.#base = base;
    this.#keys = KINDS.map((kind) => base.names.key(kind, name));
    this.#window = window;
    this.#instances = instances;
    this.#alone = createSlidingWindow(Math.floor(perMinute / instances), base.now, this.#log);
  }

  async take(priority: Priority): Promise<number> {
    const log = this.#log;
    const paused = log.pausedUntil - this.#base.now();
    if (paused > 0) return paused;
    const call = { id: randomBytes(9).toString('base64url'), at: this.#base.now() };
    const shared = await this.#takeShared(call.id, priority).catch(() => undefined);
    const wait = shared ?? this.#alone.forecast(1, priority);
    if (wait > 0) return wait;
    const isProbe = log.probing;
    log.add(call);
    if (isProbe) this.#tellPause();
    return 0;
  }

  giveBack(): void {
    const { id } = this.#log.removeNewest() ?? {};
    if (id) this.#push('calls', TAKE_OUT, [id]);
  }

  /** By Redis' last answer: exact for the first of those who wait, an estimate for the others. */
  forecast(calls: number, priority: Priority): number {
    if (this.#base.commands.state !== 'connected') return this.#alone.forecast(calls, priority);
    const freeAt = this.#freeAt[priority];
    const rounds = Math.floor((calls - 1) / this.#shared.most) * this.#window;
    return Math.max(0, rounds + Math.max(freeAt, this.#log.pausedUntil) - this.#base.now());
  }

  pause(ms: number): void {
    this.#alone.pause(ms);
    this.#tellPause();
  }

  learn(allowed: number, left: number, resetIn: number): void {
    this.#alone.learn(allowed, left, resetIn);
    const most = Math.max(1, Math.min(this.#perMinute, Math.floor(allowed)));
    // The usual case, and no reason to ask Redis: the platform is not stricter than we are.
    const { room, until } = this.#shared;
    if (most === this.#shared.most && left >= room) return;
    this.#shared = { room: Math.min(room, left), until, most };
    this.#push('platform', LEARN, [Math.floor(left), Math.ceil(resetIn), most]);
  }

  get left(): number {
    if (this.#base.commands.state !== 'connected') return this.#alone.left;
    const now = this.#base.now();
    if (now < this.#log.pausedUntil) return 0;
    const { room, until, most } = this.#shared;
    return now < until ? room : most;
  }

  /** Redis can be used, at first or again: it hears of the calls that it missed, or has lost. */
  catchUp(): void {
    this.#tellPause();
    const at = this.#base.now();
    const newest = this.#log.counting(at).slice(-MOST_TOLD);
    const calls = newest.flatMap((call) => [call.id ?? '', Math.max(0, Math.round(at - call.at))]);
    if (calls.length > 0) this.#push('calls', RECORD, [this.#window, ...calls]);
  }

  async #takeShared(id: string, priority: Priority): Promise<number> {
    const allowed = Math.max(1, Math.min(this.#perMinute, Math.floor(this.#log.platform.allowed)));
    const args = [allowed, KEPT_SHARE[priority], this.#window, id, LONGEST_PAUSE];
    const reply = await this.#base.commands.run(TAKE, this.#keys, args);
    const [wait = 0, room = 0, most = 1, pause = 0] = numbers(reply);
    const now = this.#base.now();
    const log = this.#log;
    if (pause > 0) log.pausedUntil = Math.max(log.pausedUntil, now + pause);
    this.#freeAt[priority] = now + wait;
    this.#shared = { room: Math.max(0, room), until: now + this.#window, most };
    // Should Redis go now, each instance has its part of what is left; what it made before counts.
    const made = log.counting(now).length + (wait > 0 ? 0 : 1);
    const calls = made + Math.floor(this.#shared.room / this.#instances);
    if (this.#instances > 1) log.granted = { calls, until: this.#shared.until };
    return wait;
  }

  #tellPause(): void {
    const rest = Math.ceil(this.#log.pausedUntil - this.#base.now());
    if (rest > 0) this.#push('pause', PAUSE, [rest]);
  }

  /** @param kind that the script writes to */
  #push(kind: (typeof KINDS)[number], script: string, args: readonly (string | number)[]): void {
    const keys = this.#keys.slice(KINDS.indexOf(kind));
    this.#base.commands.run(script, keys, args).catch(() => {});
  }
}

const KINDS = ['calls', 'pause', 'platform'] as const;
