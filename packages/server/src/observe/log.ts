// Speaks to the logger that the site has: pino, winston or console, each in its own order of arguments.
import { settleQuietly } from '../lib/promise.ts';

/** The four methods that pino, winston and console have in common. */
export interface Logger {
  debug(...args: never[]): unknown;
  info(...args: never[]): unknown;
  warn(...args: never[]): unknown;
  error(...args: never[]): unknown;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line. Never throws: a broken logger may not take a token from a visitor. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

type Method = (first: unknown, second?: unknown) => unknown;

/** Without a logger only what is wrong with the configuration is said, on the console. */
export const silentLog: Log = () => {};

export const createLog = (logger: Logger | undefined): Log => {
  if (!logger) return silentLog;
  const fieldsFirst = isPino(logger);
  return (level, message, fields = {}) => {
    try {
      const write = logger[level] as Method;
      settleQuietly(fieldsFirst ? write.call(logger, fields, message) : write.call(logger, message, fields));
    } catch {
      // Nowhere left to say it.
    }
  };
};

/** pino takes the fields first and drops an object that comes second; `bindings` is its own, documented method. */
const isPino = (logger: Logger): boolean =>
  typeof (logger as { readonly bindings?: unknown }).bindings === 'function';
