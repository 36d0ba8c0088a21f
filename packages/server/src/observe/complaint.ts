// Says what goes wrong again and again once a minute, with its count: a broken receiver may not flood the log.
import { monotonicNow } from '../lib/clock.ts';
import type { Log, LogFields } from './log.ts';

/** Milliseconds in which the same message is said once. */
const QUIET = 60_000;

/** Different messages that are remembered: they are our own and few. */
const MOST = 100;

export const createComplaint = (
  log: Log,
  now: () => number = monotonicNow,
): ((message: string, fields?: LogFields) => void) => {
  const said = new Map<string, { readonly at: number; kept: number }>();
  return (message, fields = {}) => {
    const before = said.get(message);
    if (before && now() - before.at < QUIET) {
      before.kept += 1;
      return;
    }
    if (said.size >= MOST) said.clear();
    said.set(message, { at: now(), kept: 0 });
    log('error', message, before?.kept ? { ...fields, repeated: before.kept } : fields);
  };
};

/** An error's kind alone: its message might quote what it was given. */
export const errorName = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : error.name;
};
