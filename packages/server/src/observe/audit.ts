// Keeps a record of each provisioning: who got a token when, and why one could not be had.
import type { AuditAction, AuditEntry } from './audit-entry.ts';
import type { AuditSink } from './audit-sink.ts';
import { createComplaint, errorName } from './complaint.ts';
import { createKeyedHash } from './keyed-hash.ts';
import type { Log } from './log.ts';
import { memoryAudit } from './memory-audit.ts';

export interface AuditSettings {
  readonly key: string;
  /** Beside the newest entries in memory, or in place of them where it shows its own. */
  readonly sink: AuditSink | undefined;
  readonly pseudonymize: boolean;
  readonly instance: string;
}

/** What happened, before the audit adds what only it knows. */
export interface Provisioning {
  readonly action: AuditAction;
  readonly externalId: string;
  readonly webchatId: string;
  readonly attributesCount: number;
  readonly latencyMs: number;
  readonly token?: string | undefined;
  readonly reason?: string | undefined;
  readonly correlationId?: string | undefined;
}

export interface Audit {
  record(provisioning: Provisioning): AuditEntry;
  /** The id as it may be written down. */
  nameOf(externalId: string): string;
  /** The newest entries, oldest first. */
  entries(): AuditEntry[];
  readonly dropped: number;
  close(): Promise<void>;
}

/** Milliseconds that `close()` waits for a sink. */
const CLOSE_LIMIT = 5_000;

export const createAudit = (settings: AuditSettings, log: Log): Audit => {
  const { key, sink, pseudonymize, instance } = settings;
  const complain = createComplaint(log);
  const memory = sink?.entries ? undefined : memoryAudit();
  const hash = createKeyedHash(key);
  /** The prefix keeps an id's pseudonym apart from the hash of a token that reads the same. */
  const pseudonyms = (externalId: string): string => hash(`externalId:${externalId}`, PSEUDONYM_DIGITS);
  const nameOf = pseudonymize ? pseudonyms : (externalId: string) => externalId;
  let failures = 0;

  sink?.onTrouble?.((message, fields) => complain(message, { ...fields }));
  const failed = (error: unknown): void => {
    failures += 1;
    complain('The audit sink failed; this entry is lost to it', {
      error: errorName(error),
      dropped: failures,
    });
  };
  const write = (entry: AuditEntry): void => {
    memory?.write(entry);
    if (!sink) return;
    try {
      const written = sink.write(entry);
      if (written instanceof Promise) written.catch(failed);
    } catch (error) {
      failed(error);
    }
  };

  return {
    record: ({ action, externalId, webchatId, attributesCount, latencyMs, token, reason, correlationId }) => {
      const entry: AuditEntry = {
        timestamp: new Date().toISOString(),
        externalId: nameOf(externalId),
        action,
        latencyMs: Math.round(latencyMs * 1_000) / 1_000,
        webchatId,
        attributesCount,
        ...(token !== undefined && { tokenHash: hash(token, TOKEN_DIGITS) }),
        ...(reason !== undefined && {
          reason: pseudonymize ? reason.replaceAll(externalId, nameOf(externalId)) : reason,
        }),
        ...(correlationId !== undefined && { correlationId }),
        instance,
      };
      write(entry);
      return entry;
    },
    nameOf,
    entries: () => (memory ?? (sink as Required<Pick<AuditSink, 'entries'>>)).entries(),
    get dropped() {
      return failures + (sink?.dropped ?? 0);
    },
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_LIMIT);
      });
      try {
        await Promise.race([sink?.close?.(), limit]);
      } catch (error) {
        complain('The audit sink did not close', { error: errorName(error) });
      }
      clearTimeout(timer);
    },
  };
};

/** 64 bits tell tokens apart in a log. */
const TOKEN_DIGITS = 16;

/** 128 bits: no two guests of any site share a pseudonym. */
const PSEUDONYM_DIGITS = 32;
