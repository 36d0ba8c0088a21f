// The audit says who, when and how, and neither the token, the attributes nor, where asked, the identity.
import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createAudit, type Provisioning, type ResolvedAuditOptions } from './audit.ts';
import { createLogThrottle, type LogFields, silentLog } from './log.ts';

const KEY = 'a key of thirty-two characters..';
const TOKEN = 'the-guest-token-of-anna';

const auditOf = (overrides: Partial<ResolvedAuditOptions> = {}, log = silentLog, onDropped = () => {}) =>
  createAudit(
    { key: KEY, sink: undefined, pseudonymize: false, instance: 'host:1', ...overrides },
    log,
    onDropped,
  );

const issued: Provisioning = {
  action: 'ISSUED',
  externalId: 'anna',
  webchatId: 'chat',
  attributesCount: 2,
  latencyMs: 12.3456,
  token: TOKEN,
};

const hmac = (text: string): string => createHmac('sha256', KEY).update(text).digest('hex');

describe('an entry', () => {
  it('has the hash of the token under the audit key, in place of the token', () => {
    const entry = auditOf().record(issued);
    expect(entry).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      externalId: 'anna',
      action: 'ISSUED',
      latencyMs: 12.346,
      webchatId: 'chat',
      attributesCount: 2,
      tokenHash: hmac(TOKEN).slice(0, 16),
      instance: 'host:1',
    });
  });

  it('of a failure says why, and which call it was', () => {
    const { token: _, ...failed } = issued;
    const entry = auditOf().record({
      ...failed,
      action: 'FAILED',
      reason: 'upstream_rejected: no',
      correlationId: 'c-1',
    });
    expect(entry).toMatchObject({ action: 'FAILED', reason: 'upstream_rejected: no', correlationId: 'c-1' });
    expect(entry).not.toHaveProperty('tokenHash');
  });

  it('names the guest by a keyed hash under `pseudonymize`', () => {
    const audit = auditOf({ pseudonymize: true });
    const entry = audit.record({ ...issued, action: 'FAILED' });
    expect(entry.externalId).toBe(hmac('externalId:anna').slice(0, 32));
    expect(audit.nameOf('anna')).toBe(entry.externalId);
    expect(JSON.stringify(audit.entries())).not.toContain('anna');
    expect(audit.record(issued).externalId).toBe(entry.externalId);
    expect(audit.record({ ...issued, externalId: 'bert' }).externalId).not.toBe(entry.externalId);
  });
});

describe('entries in memory', () => {
  it('are the newest 1,000 of each action, oldest first, whatever sink there is', () => {
    for (const sink of [undefined, () => {}]) {
      const audit = auditOf({ sink });
      for (let i = 0; i < 3_005; i += 1) audit.record({ ...issued, externalId: `guest ${i}` });
      expect(audit.entries()).toHaveLength(1_000);
      expect(audit.entries()[0]?.externalId).toBe('guest 2005');
      expect(audit.entries().at(-1)?.externalId).toBe('guest 3004');
    }
  });

  it('of one action are not pushed out by a flood of another', () => {
    const audit = auditOf();
    audit.record(issued);
    audit.record({ ...issued, action: 'FAILED' });
    for (let i = 0; i < 10_000; i += 1) audit.record({ ...issued, action: 'FORGOTTEN' });
    audit.record({ ...issued, action: 'RENEWED' });
    const actions = audit.entries().map(({ action }) => action);
    expect(actions.slice(0, 3)).toEqual(['ISSUED', 'FAILED', 'FORGOTTEN']);
    expect(actions.at(-1)).toBe('RENEWED');
    expect(actions).toHaveLength(1_003);
  });
});

describe('a sink of the site', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('holds the-secret');
      },
    ],
    ['rejects', async () => Promise.reject(Object.assign(new Error('holds the-secret'), { code: 'ENOSPC' }))],
  ])('that %s takes nothing from anybody, is said once a minute, and is counted', async (_, sink) => {
    const lines: [string, string, LogFields | undefined][] = [];
    let dropped = 0;
    const log = createLogThrottle((...line) => lines.push(line as (typeof lines)[number]));
    const audit = auditOf({ sink }, log, () => {
      dropped += 1;
    });
    for (let i = 0; i < 50; i += 1) audit.record(issued);
    await vi.waitFor(() => expect(dropped).toBe(50));
    expect(lines.filter(([level]) => level === 'error')).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('the-secret');
    expect(audit.entries()).toHaveLength(50);
  });
});
