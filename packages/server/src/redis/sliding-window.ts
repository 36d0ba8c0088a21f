// The window of calls that all instances share: counted in Redis, by its clock; without it each counts its own.
import { randomBytes } from 'node:crypto';
import { WINDOW } from '../upstream/call-log.ts';
import type { Priority, SlidingWindow, UpstreamLimits } from '../upstream/ports.ts';
import { createSlidingWindow, KEPT_SHARE, LONGEST_PAUSE, PROBE_PAUSE } from '../upstream/sliding-window.ts';
import { numbers, type RedisBase } from './base.ts';
import { GIVE_BACK, LEARN, PAUSE, RECORD, TAKE } from './scripts.ts';

/** Calls that are told to Redis in one go. */
const BATCH = 1_000;

/** Milliseconds for which it is believed what the platform allows. */
const ALLOWED_FOR = 600_000;

export class RedisSlidingWindow implements SlidingWindow {
  readonly #perMinute: number;
  readonly #base: Pick<RedisBase, 'commands' | 'names' | 'now'>;
  readonly #name: string;
  readonly #window: number;
  /** What this instance may do without Redis: its calls, the pauses and the platform's own count, which covers all. */
  readonly #alone: SlidingWindow;
  readonly #self = randomBytes(6).toString('base64url');
  /** The calls of this instance that count, oldest first: told to Redis again when it comes back. */
  #own: { readonly id: string; readonly at: number }[] = [];
  #made = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isProbe = false;
  /** By Redis' last answer: when calls of each priority may leave, calls that could leave, and most calls. */
  #freeAt: Record<Priority, number> = { known: 0, newcomer: 0, frequent: 0 };
  #room: number;
  #roomUntil = 0;
  #most: number;

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
    this.#room = perMinute;
    this.#most = perMinute;
    this.#base = base;
    this.#name = name;
    this.#window = window;
    this.#alone = createSlidingWindow(Math.max(1, Math.floor(perMinute / instances)), base.now);
  }

  async take(priority: Priority): Promise<number> {
    const paused = this.#pausedUntil - this.#base.now();
    if (paused > 0) return paused;
    this.#made += 1;
    const call = { id: `${this.#self}.${this.#made.toString(36)}`, at: this.#base.now() };
    const shared = await this.#takeShared(call.id, priority).catch(() => undefined);
    const wait = shared ?? (await this.#alone.take(priority));
    if (wait > 0) return wait;
    this.#prune();
    this.#own.push(call);
    // Counted here, too: if Redis goes away, this instance knows which calls have left.
    if (shared !== undefined) await this.#alone.take('known');
    // The first call after a pause longer than LONGEST_PAUSE is a probe: the others wait for its result.
    if (this.#isProbe) this.pause(PROBE_PAUSE);
    return 0;
  }

  giveBack(): void {
    const last = this.#own.pop();
    if (!last) return;
    this.#alone.giveBack();
    this.#push('calls', GIVE_BACK, [last.id]);
  }

  /** By Redis' last answer: exact for the first of those who wait, an estimate for the others. */
  forecast(calls: number, priority: Priority): number {
    if (this.#isAlone()) return this.#alone.forecast(calls, priority);
    const freeAt = this.#freeAt[priority];
    const rounds = Math.floor((calls - 1) / this.#most) * this.#window;
    return Math.max(0, rounds + Math.max(freeAt, this.#pausedUntil) - this.#base.now());
  }

  pause(ms: number): void {
    this.#alone.pause(ms);
    const until = this.#base.now() + Math.min(ms, LONGEST_PAUSE);
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#isProbe = ms > LONGEST_PAUSE;
    this.#tellPause();
  }

  learn(allowed: number, left: number, resetIn: number): void {
    this.#alone.learn(allowed, left, resetIn);
    const most = Math.max(1, Math.min(this.#perMinute, Math.floor(allowed)));
    // The usual case, and no reason to ask Redis: the platform is not stricter than we are.
    if (most === this.#most && left >= this.#room) return;
    this.#most = most;
    this.#room = Math.max(0, Math.min(this.#room, left));
    const reset = Math.ceil(Math.min(Math.max(resetIn, 0), this.#window));
    this.#push('platform-left', LEARN, [Math.max(0, Math.floor(left)), reset, most, ALLOWED_FOR]);
  }

  get left(): number {
    if (this.#isAlone()) return this.#alone.left;
    const now = this.#base.now();
    if (now < this.#pausedUntil) return 0;
    return now < this.#roomUntil ? this.#room : this.#most;
  }

  /** Redis can be used, at first or again: it hears of the calls that it missed, or has lost. */
  catchUp(): void {
    this.#tellPause();
    this.#prune();
    const at = this.#base.now();
    for (let rest = this.#own; rest.length > 0; rest = rest.slice(BATCH)) {
      const calls = rest.slice(0, BATCH).flatMap((call) => [call.id, Math.max(0, Math.round(at - call.at))]);
      this.#push('calls', RECORD, [this.#window, ...calls]);
    }
  }

  async #takeShared(id: string, priority: Priority): Promise<number> {
    const args = [this.#perMinute, KEPT_SHARE[priority], this.#window, id, LONGEST_PAUSE, ALLOWED_FOR];
    const reply = await this.#base.commands.run(TAKE, this.#keys('calls'), args);
    const [wait = 0, room = 0, most = 0, pause = 0] = numbers(reply);
    const now = this.#base.now();
    const bounded = Math.max(0, Math.min(wait, Math.max(LONGEST_PAUSE, this.#window)));
    if (pause > 0) this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(pause, LONGEST_PAUSE));
    this.#freeAt[priority] = now + bounded;
    this.#room = Math.max(0, room);
    this.#roomUntil = now + this.#window;
    this.#most = Math.max(1, Math.min(this.#perMinute, most));
    return bounded;
  }

  #isAlone(): boolean {
    return this.#base.commands.state !== 'connected';
  }

  #prune(): void {
    const since = this.#base.now() - this.#window;
    const first = this.#own.findIndex(({ at }) => at > since);
    if (first !== 0) this.#own = first < 0 ? [] : this.#own.slice(first);
  }

  #tellPause(): void {
    const rest = Math.ceil(this.#pausedUntil - this.#base.now());
    if (rest > 0) this.#push('pause', PAUSE, [rest]);
  }

  /** The keys from this kind on, as the scripts take them. */
  #keys(from: (typeof KINDS)[number]): string[] {
    return KINDS.slice(KINDS.indexOf(from)).map((kind) => this.#base.names.key(kind, this.#name));
  }

  #push(from: (typeof KINDS)[number], script: string, args: readonly (string | number)[]): void {
    this.#base.commands.run(script, this.#keys(from), args).catch(() => {});
  }
}

const KINDS = ['calls', 'pause', 'platform-left', 'platform-allowed'] as const;
