// Speaks to the logger that the site has, pino, winston or console, and keeps its log readable in a storm.
import { LRUCache } from 'lru-cache';
import { monotonicNow } from '../lib/clock.ts';
import { guarded } from '../lib/promise.ts';

/** The four methods that pino, winston and console have in common. */
export interface Logger {
  /** What helps while looking for a fault. */ debug(...args: never[]): unknown;
  /** What is good to know. */ info(...args: never[]): unknown;
  /** What may need somebody. */ warn(...args: never[]): unknown;
  /** What needs somebody. */ error(...args: never[]): unknown;
}

/** pino's levels. No line of ours has `trace` or `fatal`; `silent` lets none pass. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevelName = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line. Never throws: a broken logger may not take a token from a visitor. */
export type Log = (level: keyof Logger, message: string, fields?: LogFields) => void;

export const silentLog: Log = () => {};

/** @param least what is below it is not said; the logger may have a level of its own, too */
export const createLog = (logger: Logger | undefined, least: LogLevelName = 'debug'): Log => {
  if (!logger) return silentLog;
  const fieldsFirst = isPino(logger);
  const said = new Set<LogLevelName>(LOG_LEVELS.slice(LOG_LEVELS.indexOf(least)));
  return (level, message, fields = {}) => {
    if (!said.has(level)) return;
    const ordered = fieldsFirst ? [fields, message] : [message, fields];
    const args = logger === console ? inLine(message, fields) : ordered;
    guarded(() => Reflect.apply(logger[level], logger, args));
  };
};

/** The console would break an object into lines. */
const inLine = (message: string, fields: LogFields) =>
  [message, JSON.stringify(fields)].filter((part) => part !== '{}');

/** pino takes the fields first and drops an object that comes second; `bindings` is its own, documented method. */
const isPino = (logger: Logger): boolean =>
  typeof (logger as { readonly bindings?: unknown }).bindings === 'function';

/** Milliseconds in which a line that was said is not said again at its own level. */
const QUIET = 60_000;

/** Lines that are remembered. */
const LINES = 100;

/** How long something took or may take makes no new line of an old one. */
const DURATION = /\d[\d.,]* ?m?s\b/g;

/**
 * A log that says a line once in a time, by default a minute, at its own level, and meanwhile at `debug`; the next time `repeated` tells how
 * often that was.
 * @param now milliseconds
 * @param quiet milliseconds
 */
export const createLogThrottle = (log: Log, now: () => number = monotonicNow, quiet = QUIET): Log => {
  const said = new LRUCache<string, { readonly at: number; repeated: number }>({ max: LINES });
  return (level, message, fields) => {
    const line = message.replace(DURATION, '');
    const before = said.get(line);
    if (before && now() - before.at < quiet) {
      before.repeated += 1;
      log('debug', message, fields);
      return;
    }
    said.set(line, { at: now(), repeated: 0 });
    log(level, message, before?.repeated ? { ...fields, repeated: before.repeated } : fields);
  };
};

/** An error's kind alone: its message might quote what it was given. */
export const errorName = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : error.name;
};
