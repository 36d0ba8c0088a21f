// An audit log of JSON lines, in a file or a stream, that no full disk, rotation or slow pipe can make a visitor wait for.
import type { Writable } from 'node:stream';
import { ConfigurationError } from '../lib/errors.ts';
import type { AuditSink } from './audit-sink.ts';
import { fileTarget } from './file-target.ts';
import { createLineBuffer } from './line-buffer.ts';
import { streamTarget } from './stream-target.ts';

export interface JsonLinesAuditOptions {
  /** Lines held while the file or stream takes none; above it new ones are dropped and counted. Default 10,000. */
  readonly maxBuffered?: number;
}

const DEFAULT_MAX_BUFFERED = 10_000;

/**
 * Writes each entry as a line of JSON. A file is opened anew for each batch, so that it may be renamed, removed or
 * truncated by a log rotation at any time, and is made with mode 0600. Where it cannot be written (full disk, no
 * permission) lines wait and are tried again with back-off; where too many wait new ones are dropped, and a line
 * `{ "timestamp", "action": "DROPPED", "count" }` says how many once there is room again. A stream is not ended by us.
 * @throws ConfigurationError where the target is neither a path nor a stream
 */
export const jsonLinesAudit = (
  target: string | Writable,
  { maxBuffered = DEFAULT_MAX_BUFFERED }: JsonLinesAuditOptions = {},
): AuditSink => {
  check(target, maxBuffered);
  let say: Parameters<NonNullable<AuditSink['onTrouble']>>[0] = () => {};
  const buffer = createLineBuffer({
    target: typeof target === 'string' ? fileTarget(target) : streamTarget(target),
    max: maxBuffered,
    onTrouble: (code, dropped) =>
      say('The audit log cannot be written: check the path, its permission and the disk; lines wait', {
        code,
        dropped,
      }),
  });
  return {
    write: (entry) => buffer.add(JSON.stringify(entry)),
    get dropped() {
      return buffer.dropped;
    },
    onTrouble: (told) => {
      say = told;
    },
    close: buffer.close,
  };
};

const check = (target: unknown, maxBuffered: number): void => {
  const isPath = typeof target === 'string' && target !== '';
  const isStream = typeof (target as { readonly write?: unknown } | null)?.write === 'function';
  if (!isPath && !isStream) {
    throw new ConfigurationError([
      { field: 'audit.sink', message: 'jsonLinesAudit(…) takes the path of a file, or a writable stream' },
    ]);
  }
  if (!Number.isSafeInteger(maxBuffered) || maxBuffered < 1) {
    throw new ConfigurationError([
      { field: 'audit.sink.maxBuffered', message: 'must be a whole number from 1: how many lines may wait' },
    ]);
  }
};
