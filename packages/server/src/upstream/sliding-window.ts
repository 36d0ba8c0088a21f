// Counts the calls of the last 60 s: at most so many may have left in any of them, and none during a pause.
import { CallLog, WINDOW } from './call-log.ts';
import type { Priority, SlidingWindow } from './ports.ts';

/** The part of the window that each may not use, as it is kept for those before them. */
export const KEPT_SHARE = { known: 0, newcomer: 0.2, frequent: 0.6 } as const satisfies Record<
  Priority,
  number
>;

/** A pause is believed up to this long, in ms; then one call goes to see. */
export const LONGEST_PAUSE = 300_000;

/**
 * The window of one process: exact, by the times at which calls left.
 * @param log the departures so far; shared by all windows of one OAuth client
 */
export const createSlidingWindow = (
  perMinute: number,
  now: () => number,
  log: CallLog = new CallLog(),
): SlidingWindow => {
  /** What is set, or what the platform or the other instances allow if that is less: every share is a share of this. */
  const limit = (at: number): number => {
    const granted = at < log.granted.until ? log.granted.calls : perMinute;
    return Math.max(1, Math.min(perMinute, log.platform.allowed, granted));
  };

  /** When `calls` more could leave. Beyond a whole window, window by window. */
  const possibleAt = (calls: number, priority: Priority, at: number): number => {
    const most = limit(at);
    const reserved = Math.floor(most * KEPT_SHARE[priority]);
    const nth = calls - 1 + reserved;
    const own = Math.max(log.freeAt(most, nth % most, at), at) + Math.floor(nth / most) * WINDOW;
    const { left, until } = log.platform;
    const byPlatform = until > at && calls + reserved > left ? until : 0;
    return Math.max(own, byPlatform, log.pausedUntil);
  };

  return {
    take: (priority, at = now()) => {
      const wait = possibleAt(1, priority, at) - at;
      if (wait > 0) return wait;
      log.add({ at });
      return 0;
    },
    giveBack: () => void log.removeNewest(),
    forecast: (calls, priority, at = now()) => Math.max(0, possibleAt(calls, priority, at) - at),
    pause: (ms) => {
      const until = now() + Math.min(ms, LONGEST_PAUSE);
      if (until <= log.pausedUntil) return;
      log.pausedUntil = until;
      log.probing = ms > LONGEST_PAUSE;
    },
    learn: (allowed, left, resetIn) => {
      log.platform = { allowed, left, until: now() + resetIn };
    },
    get left() {
      const at = now();
      if (log.pausedUntil > at) return 0;
      const own = Math.max(0, limit(at) - log.counting(at).length);
      return log.platform.until > at ? Math.min(own, Math.max(0, log.platform.left)) : own;
    },
  };
};
