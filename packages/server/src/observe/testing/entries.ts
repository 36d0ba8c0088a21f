// Audit entries and the events made of them, for the tests of sending.
import type { AuditEntry } from '../audit-entry.ts';
import { type CloudEvent, cloudEvent } from '../cloud-event.ts';

export const entry = (externalId: string, action: AuditEntry['action'] = 'ISSUED'): AuditEntry => ({
  timestamp: '2026-11-23T12:00:00.000Z',
  externalId,
  action,
  latencyMs: 1,
  webchatId: 'chat/1',
  attributesCount: 0,
  tokenHash: '0123456789abcdef',
  instance: 'host:1',
});
export const eventOf = (externalId: string): CloudEvent => cloudEvent(entry(externalId), 'mypurecloud.ie');
export const idsOf = (batch: readonly CloudEvent[]): string[] => batch.map(({ data }) => data.externalId);
