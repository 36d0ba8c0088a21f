// The audit says who, when and how, and neither the token, the attributes nor, where asked, the identity.
import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { type AuditSettings, createAudit, type Provisioning } from './audit.ts';
import { asSink } from './audit-sink.ts';
import { type LogFields, silentLog } from './log.ts';
import { memoryAudit } from './memory-audit.ts';

const KEY = 'a key of thirty-two characters..';
const TOKEN = 'the-guest-token-of-anna';

const settings = (overrides: Partial<AuditSettings> = {}): AuditSettings => ({
  key: KEY,
  sink: undefined,
  pseudonymize: false,
  instance: 'host:1',
  ...overrides,
});

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
    const entry = createAudit(settings(), silentLog).record(issued);
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
    const entry = createAudit(settings(), silentLog).record({
      ...failed,
      action: 'FAILED',
      reason: 'upstream_rejected: no',
      correlationId: 'c-1',
    });
    expect(entry).toMatchObject({ action: 'FAILED', reason: 'upstream_rejected: no', correlationId: 'c-1' });
    expect(entry).not.toHaveProperty('tokenHash');
  });

  it('names the guest by a keyed hash under `pseudonymize`, in the reason too', () => {
    const audit = createAudit(settings({ pseudonymize: true }), silentLog);
    const entry = audit.record({ ...issued, action: 'FAILED', reason: "externalId 'anna' is refused" });
    expect(entry.externalId).toBe(hmac('externalId:anna').slice(0, 32));
    expect(audit.nameOf('anna')).toBe(entry.externalId);
    expect(JSON.stringify(audit.entries())).not.toContain('anna');
    expect(audit.record(issued).externalId).toBe(entry.externalId);
    expect(audit.record({ ...issued, externalId: 'bert' }).externalId).not.toBe(entry.externalId);
  });
});

describe('entries in memory', () => {
  it('are the newest 1,000, oldest first, whatever other sink there is', () => {
    for (const sink of [undefined, asSink(() => {})]) {
      const audit = createAudit(settings({ sink }), silentLog);
      for (let i = 0; i < 1_005; i += 1) audit.record({ ...issued, externalId: `guest ${i}` });
      expect(audit.entries()).toHaveLength(1_000);
      expect(audit.entries()[0]?.externalId).toBe('guest 5');
      expect(audit.entries().at(-1)?.externalId).toBe('guest 1004');
    }
  });

  it('are as many as memoryAudit is told to keep', () => {
    const audit = createAudit(settings({ sink: memoryAudit({ max: 2 }) }), silentLog);
    for (const externalId of ['a', 'b', 'c']) audit.record({ ...issued, externalId });
    expect(audit.entries().map(({ externalId }) => externalId)).toEqual(['b', 'c']);
  });

  it.each([0, -1, 1.5, Number.NaN])('cannot be %s', (max) => {
    expect(() => memoryAudit({ max })).toThrow(/whole number from 1/);
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
    const audit = createAudit(settings({ sink: asSink(sink) }), (...line) =>
      lines.push(line as (typeof lines)[number]),
    );
    for (let i = 0; i < 50; i += 1) audit.record(issued);
    await vi.waitFor(() => expect(audit.dropped).toBe(50));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('the-secret');
    expect(audit.entries()).toHaveLength(50);
  });

  it('that never closes is not waited for without end', async () => {
    vi.useFakeTimers();
    const hung = { write: () => {}, close: () => new Promise<void>(() => {}) };
    const closed = createAudit(settings({ sink: hung }), silentLog).close();
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(closed).resolves.toBeUndefined();
    vi.useRealTimers();
  });
});
