// Keeps a record of each provisioning: who got a token when, and why one could not be had.
import { createHmac } from 'node:crypto';

export type AuditAction = 'ISSUED' | 'RENEWED' | 'FAILED' | 'FORGOTTEN';

export interface AuditEntry {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly externalId: string;
  readonly action: AuditAction;
  readonly latencyMs: number;
  readonly webchatId: string;
  /** How many attributes, never which. */
  readonly attributesCount: number;
  /** The first 16 hex digits of a keyed hash, so that a leaked log cannot be tested against tokens. */
  readonly tokenHash?: string;
  /** The failure's code and what the platform said of it. */
  readonly reason?: string;
  readonly correlationId?: string;
}

export interface AuditSettings {
  readonly key: string;
  /** Entries kept in memory. */
  readonly max: number;
}

export interface Audit {
  record(entry: Omit<AuditEntry, 'tokenHash'>, token?: string): AuditEntry;
  /** The newest entries, oldest first. */
  entries(): AuditEntry[];
}

/** A ring of the newest entries: memory stays the same however long a site runs. */
export const createAudit = ({ key, max }: AuditSettings): Audit => {
  const ring: AuditEntry[] = [];
  let next = 0;
  return {
    record: (entry, token) => {
      const tokenHash = token && createHmac('sha256', key).update(token).digest('hex').slice(0, 16);
      const complete = tokenHash ? { ...entry, tokenHash } : entry;
      ring[next] = complete;
      next = (next + 1) % max;
      return complete;
    },
    entries: () => [...ring.slice(next), ...ring.slice(0, next)],
  };
};
