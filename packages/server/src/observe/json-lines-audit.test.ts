// The file may be rotated, truncated, forbidden or full: nothing throws, nothing waits, whole lines get there in order.
import { mkdir, mkdtemp, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AuditEntry } from './audit-entry.ts';
import { jsonLinesAudit } from './json-lines-audit.ts';
import { createLineBuffer, type LineTarget } from './line-buffer.ts';

const entry = (externalId: string): AuditEntry => ({
  timestamp: '2026-11-23T12:00:00.000Z',
  externalId,
  action: 'ISSUED',
  latencyMs: 1,
  webchatId: 'chat',
  attributesCount: 0,
  instance: 'host:1',
});

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'genesys-guest-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

const idsIn = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).externalId);

describe('a file', () => {
  it('gets a line for each entry, and is for its owner alone', async () => {
    const path = join(await folder(), 'audit.jsonl');
    const audit = jsonLinesAudit(path);
    for (let i = 0; i < 1_200; i += 1) audit.write(entry(`guest ${i}`));
    await audit.close?.();
    expect(await idsIn(path)).toEqual(Array.from({ length: 1_200 }, (_, i) => `guest ${i}`));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('may be renamed or truncated by a log rotation', async () => {
    const path = join(await folder(), 'audit.jsonl');
    const audit = jsonLinesAudit(path);
    audit.write(entry('before'));
    await vi.waitFor(async () => expect(await idsIn(path)).toEqual(['before']));
    await rename(path, `${path}.1`);
    audit.write(entry('after'));
    await vi.waitFor(async () => expect(await idsIn(path)).toEqual(['after']));
    expect(await idsIn(`${path}.1`)).toEqual(['before']);
    await truncate(path);
    audit.write(entry('last'));
    await audit.close?.();
    expect(await idsIn(path)).toEqual(['last']);
  });

  it('that cannot be written is complained of, and gets what waits once it can be', async () => {
    const inside = join(await folder(), 'not-there-yet');
    const trouble: unknown[] = [];
    const audit = jsonLinesAudit(join(inside, 'audit.jsonl'));
    audit.onTrouble?.((...said) => trouble.push(said));
    audit.write(entry('early'));
    await vi.waitFor(() => expect(trouble).toEqual([[expect.any(String), { code: 'ENOENT', dropped: 0 }]]));
    await mkdir(inside);
    await audit.close?.();
    expect(await idsIn(join(inside, 'audit.jsonl'))).toEqual(['early']);
  });
});

describe('a stream', () => {
  it('that takes nothing holds up nobody: lines wait, then are counted as dropped', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => {} });
    const audit = jsonLinesAudit(stuck, { maxBuffered: 10 });
    for (let i = 0; i < 100; i += 1) audit.write(entry(`guest ${i}`));
    expect(audit.dropped).toBe(90);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stuck.writableLength).toBeLessThan(20_000);
  });

  it('that breaks harms nothing', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const audit = jsonLinesAudit(broken);
    audit.write(entry('anna'));
    await audit.close?.();
    expect(audit.dropped).toBe(1);
  });
});

describe('what waits', () => {
  it('is tried again from the first line that is not surely there, and a gap is told in its place', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const there: string[] = [];
    const answers = [
      { lines: 1, code: 'ENOSPC' },
      { lines: 0, code: 'ENOSPC' },
    ];
    const target: LineTarget = {
      write: async (lines) => {
        const answer = answers.shift() ?? { lines: lines.length };
        there.push(...lines.slice(0, answer.lines));
        return answer;
      },
    };
    const codes: string[] = [];
    const buffer = createLineBuffer({ target, max: 3, onTrouble: (code) => codes.push(code) });
    for (const line of ['a', 'b', 'c', 'd', 'e']) buffer.add(line);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(there.slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect(JSON.parse(there[3] ?? '')).toMatchObject({ action: 'DROPPED', count: 2 });
    expect(codes).toEqual(['ENOSPC', 'ENOSPC']);
    expect(buffer.dropped).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([[''], [undefined], [{}]])('takes no %j for a target', (target) => {
  expect(() => jsonLinesAudit(target as never)).toThrow(/path of a file, or a writable stream/);
});
