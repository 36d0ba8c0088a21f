// What a provisioning looks like to the outside: a CloudEvent 1.0, with the tutorial's name of the event in its data.
import { randomUUID } from 'node:crypto';
import type { AuditAction, AuditEntry } from './audit-entry.ts';

/** A CloudEvent 1.0 in its JSON format. Nothing about the guest is in the envelope: what carries it may log that. */
export interface CloudEvent {
  /** Always `1.0`. */ readonly specversion: '1.0';
  /** Unique; the same each time that it is sent, so that a receiver can drop doubles. */
  readonly id: string;
  /** `/genesys-guest/<domain of the region>/<webchatId>`. */
  readonly source: string;
  /** What was done. */ readonly type: `io.github.genesys-guest.token.${Lowercase<AuditAction>}`;
  /** ISO 8601: when it happened. */
  readonly time: string;
  /** Always `application/json`. */ readonly datacontenttype: 'application/json';
  /** The entry. */ readonly data: EventData;
}

/** The audit's entry without the instance, which is nobody's business outside. */
export interface EventData extends Omit<AuditEntry, 'instance'> {
  /** What happened, by the name that receivers filter by. */
  readonly event: 'GUEST_TOKEN_PROVISIONED' | 'GUEST_TOKEN_FAILED' | 'GUEST_TOKEN_FORGOTTEN';
}

export const KINDS = {
  ISSUED: { type: 'io.github.genesys-guest.token.issued', event: 'GUEST_TOKEN_PROVISIONED' },
  RENEWED: { type: 'io.github.genesys-guest.token.renewed', event: 'GUEST_TOKEN_PROVISIONED' },
  FAILED: { type: 'io.github.genesys-guest.token.failed', event: 'GUEST_TOKEN_FAILED' },
  FORGOTTEN: { type: 'io.github.genesys-guest.token.forgotten', event: 'GUEST_TOKEN_FORGOTTEN' },
  ERASED: { type: 'io.github.genesys-guest.token.erased', event: 'GUEST_TOKEN_FORGOTTEN' },
} as const;

export const cloudEvent = ({ instance: _, ...entry }: AuditEntry, domain: string): CloudEvent => {
  const { type, event } = KINDS[entry.action];
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/genesys-guest/${domain}/${encodeURIComponent(entry.webchatId)}`,
    type,
    time: entry.timestamp,
    datacontenttype: 'application/json',
    data: { event, ...entry },
  };
};
