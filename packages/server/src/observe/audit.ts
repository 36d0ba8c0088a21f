// Keeps a record of each provisioning: who got a token when, and why one could not be had.
import { createHmac, createSecretKey } from 'node:crypto';
import { guarded } from '../lib/promise.ts';
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, type AuditSink } from './audit-entry.ts';
import { errorName, type Log } from './log.ts';

export interface ResolvedAuditOptions {
  readonly key: string;
  /** Beside the newest entries in memory. */
  readonly sink: AuditSink | undefined;
  readonly pseudonymize: boolean;
  readonly instance: string;
}

/** What happened, before the audit adds what only it knows. */
export interface Provisioning
  extends Pick<AuditEntry, 'action' | 'externalId' | 'webchatId' | 'attributesCount' | 'latencyMs'> {
  readonly token?: string | undefined;
  readonly reason?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** 64 bits tell tokens apart in a log. */
const TOKEN_DIGITS = 16;

/** 128 bits: no two guests of any site share a pseudonym. */
const PSEUDONYM_DIGITS = 32;

/** @param onDropped the sink did not take an entry */
export const createAudit = (
  { key, sink, pseudonymize, instance }: ResolvedAuditOptions,
  log: Log,
  onDropped: () => void,
) => {
  const hashKey = createSecretKey(key, 'utf8');
  const hash = (text: string, digits: number): string =>
    createHmac('sha256', hashKey).update(text).digest('hex').slice(0, digits);
  // The prefix keeps an id's pseudonym apart from the hash of a token that reads the same.
  const pseudonym = (externalId: string): string => hash(`externalId:${externalId}`, PSEUDONYM_DIGITS);
  const nameOf = (externalId: string): string => (pseudonymize ? pseudonym(externalId) : externalId);
  let newest: AuditEntry[] = [];

  const failed = (error: unknown): void => {
    onDropped();
    log('error', 'The audit sink failed; this entry is lost to it', { error: errorName(error) });
  };
  return {
    /** A guest's id as it may be written down. */
    nameOf,
    record: ({ externalId, latencyMs, token, reason, correlationId, ...rest }: Provisioning): AuditEntry => {
      const entry: AuditEntry = {
        timestamp: new Date().toISOString(),
        // Nothing but a hash stays of a person who was erased.
        externalId: rest.action === 'ERASED' ? pseudonym(externalId) : nameOf(externalId),
        ...rest,
        latencyMs: Math.round(latencyMs * 1_000) / 1_000,
        ...(token !== undefined && { tokenHash: hash(token, TOKEN_DIGITS) }),
        ...(reason !== undefined && { reason }),
        ...(correlationId !== undefined && { correlationId }),
        instance,
      };
      newest.push(entry);
      // In bulk, because each time all are looked at.
      if (newest.length >= 2 * NEWEST * AUDIT_ACTIONS.length) newest = newestOf(newest);
      guarded(() => sink?.(entry), failed);
      return entry;
    },
    /** The newest entries, oldest first. */
    entries: (): AuditEntry[] => newestOf(newest),
    /** Takes a guest's entries out of those in memory. That of the erasure stays: with pseudonyms it has the same name. */
    erase: (externalId: string): void => {
      const name = nameOf(externalId);
      newest = newest.filter(({ externalId, action }) => externalId !== name || action === 'ERASED');
    },
  };
};

/** Entries of one action that are kept in memory, about 0.3 kB each. */
const NEWEST = 1_000;

/** Of each action: a flood of one, as of forgetting, pushes out none of another. */
const newestOf = (entries: readonly AuditEntry[]): AuditEntry[] => {
  const of = (action: AuditAction) => entries.filter((entry) => entry.action === action).slice(-NEWEST);
  const kept = new Set(AUDIT_ACTIONS.flatMap(of));
  return entries.filter((entry) => kept.has(entry));
};
