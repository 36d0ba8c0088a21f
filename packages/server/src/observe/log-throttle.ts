// Keeps a log readable in a storm: the same line is said once in a while, the rest of its kind at the level of debug.
import { LRUCache } from 'lru-cache';
import type { LogLevel } from './log.ts';

/** Milliseconds in which a line that was said is not said again. */
const QUIET = 10_000;

/** Lines that are remembered. */
const LINES = 100;

/** The level at which a line is to be said now: its own, or `debug` where it was said a moment ago. */
export type Calm = (level: LogLevel, message: string) => LogLevel;

/** @param now milliseconds */
export const createCalm = (now: () => number = Date.now): Calm => {
  const quietUntil = new LRUCache<string, number>({ max: LINES });
  return (level, message) => {
    const at = now();
    if (at < (quietUntil.get(message) ?? 0)) return 'debug';
    quietUntil.set(message, at + QUIET);
    return level;
  };
};
