// The audit log of a process that keeps none elsewhere: the newest entries, in constant memory.
import { ConfigurationError } from '../lib/errors.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { AuditSink } from './audit-sink.ts';

export interface MemoryAuditOptions {
  /** Entries kept; above it the oldest goes. Default 1,000. */
  readonly max?: number;
}

const DEFAULT_MAX = 1_000;

/** Keeps the newest entries for `auditLog()`. @throws ConfigurationError where `max` is no whole number from 1 */
export const memoryAudit = ({
  max = DEFAULT_MAX,
}: MemoryAuditOptions = {}): Required<Pick<AuditSink, 'write' | 'entries'>> => {
  if (!Number.isSafeInteger(max) || max < 1) {
    throw new ConfigurationError([
      { field: 'audit.sink.max', message: 'must be a whole number from 1: how many entries are kept' },
    ]);
  }
  const ring: AuditEntry[] = [];
  let next = 0;
  return {
    write: (entry) => {
      ring[next] = entry;
      next = (next + 1) % max;
    },
    entries: () => [...ring.slice(next), ...ring.slice(0, next)],
  };
};
