// What keeps audit entries: a function, or one of the sinks of this folder.
import type { AuditEntry } from './audit-entry.ts';

/** Where audit entries go. */
export interface AuditSink {
  /** Takes an entry at once; whatever it does with it goes on behind. What it throws or rejects with is logged. */
  write(entry: AuditEntry): unknown;
  /** The newest entries, oldest first, where the sink can show them. */
  entries?(): AuditEntry[];
  /** Entries that it could not keep, since start. */
  readonly dropped?: number;
  /** Tells the sink how to say what is wrong with it. Called once, at start. */
  onTrouble?(say: (message: string, fields: TroubleFields) => void): void;
  /** Writes what it holds; called by `close()`, which waits a few seconds for it. */
  close?(): unknown;
}

/** What is known of a sink's trouble: codes and counts, never an entry. */
export interface TroubleFields {
  readonly code?: string | undefined;
  readonly dropped?: number | undefined;
}

/** `console.log`, a queue's `push`, an async function: anything that takes an entry. */
export type AuditFunction = (entry: AuditEntry) => unknown;

export const asSink = (sink: AuditSink | AuditFunction): AuditSink =>
  typeof sink === 'function' ? { write: sink } : sink;
