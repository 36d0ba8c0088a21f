// Keeps a log readable in a storm: what is said again and again is one line a minute, with its number.
import { LRUCache } from 'lru-cache';
import { monotonicNow } from '../lib/clock.ts';
import type { Log } from './log.ts';

/** Milliseconds in which a line that was said is not said again at its own level. */
const QUIET = 60_000;

/** Lines that are remembered. */
const LINES = 100;

/** How long something took or may take makes no new line of an old one. */
const DURATION = /\d[\d.,]* ?m?s\b/g;

/**
 * A log that says a line once a minute at its own level, and meanwhile at `debug`; the next time `repeated` tells how
 * often that was.
 * @param now milliseconds
 */
export const createLogThrottle = (log: Log, now: () => number = monotonicNow): Log => {
  const said = new LRUCache<string, { readonly at: number; repeated: number }>({ max: LINES });
  return (level, message, fields) => {
    const line = message.replace(DURATION, '');
    const before = said.get(line);
    if (before && now() - before.at < QUIET) {
      before.repeated += 1;
      log('debug', message, fields);
      return;
    }
    said.set(line, { at: now(), repeated: 0 });
    log(level, message, before?.repeated ? { ...fields, repeated: before.repeated } : fields);
  };
};
