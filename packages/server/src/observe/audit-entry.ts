// What is recorded of each provisioning.

export const AUDIT_ACTIONS = ['ISSUED', 'RENEWED', 'FAILED', 'FORGOTTEN', 'ERASED'] as const;
/** What was done. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** A provisioning, as it is recorded. Never a token. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly timestamp: string;
  /** Under `pseudonymize` a keyed hash of it. */
  readonly externalId: string;
  /** What was done. */ readonly action: AuditAction;
  /** Milliseconds from the first wait to the token or the failure; 0 for `FORGOTTEN` and `ERASED`. */
  readonly latencyMs: number;
  /** The Messenger deployment's id. */ readonly webchatId: string;
  /** How many attributes, never which. */
  readonly attributesCount: number;
  /**
   * The first 16 hex digits of the token's HMAC-SHA-256 under the audit's key: equal for equal tokens, and of no use to
   * who would test a leaked log against tokens without the key.
   */
  readonly tokenHash?: string;
  /** The failure's code and what the platform said of it. */
  readonly reason?: string;
  /** Genesys Cloud's own id of the failed call: what its support asks for. */
  readonly correlationId?: string;
  /** Which process it was: `<host name>:<process id>`. */
  readonly instance: string;
}

/** Takes an entry: a queue's `push`, an async function, a log's `write`. What it throws or rejects with is logged. */
export type AuditSink = (entry: AuditEntry) => unknown;
