// The recipe for an audit file: lines get there in order, through a rotation and a full disk, and nobody waits for it.
import { mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';

/** An example is JavaScript, without types of its own. */
const { auditFile } = (await import(
  new URL('../../examples/observability/audit-file.js', import.meta.url).href
)) as { auditFile(path: string, say?: (line: string) => void): AuditFile };

interface AuditFile {
  sink(entry: { readonly externalId: string }): unknown;
  reopen(): void;
  close(): Promise<void>;
}

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

const ids = (count: number) => Array.from({ length: count }, (_, i) => `guest ${i}`);
const patience = { timeout: 10_000, interval: 20 };

it('gets a line for each entry, and is for its owner alone', async () => {
  const path = join(await folder(), 'new', 'audit.log');
  const audit = auditFile(path);
  for (const externalId of ids(5_000)) audit.sink({ externalId });
  await audit.close();
  expect(await idsIn(path)).toEqual(ids(5_000));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it('goes on in a new file after a rotation', async () => {
  const path = join(await folder(), 'audit.log');
  const audit = auditFile(path);
  audit.sink({ externalId: 'before' });
  await vi.waitFor(async () => expect(await idsIn(path)).toEqual(['before']), patience);
  await rename(path, `${path}.1`);
  audit.reopen();
  audit.sink({ externalId: 'after' });
  await vi.waitFor(async () => expect(await idsIn(path)).toEqual(['after']), patience);
  await audit.close();
  expect(await idsIn(`${path}.1`)).toEqual(['before']);
});

// A device that is always full, as Linux has one.
it.runIf(platform() === 'linux')('keeps what a full disk does not take until there is room', async () => {
  const path = join(await folder(), 'audit.log');
  await symlink('/dev/full', path);
  const said: string[] = [];
  const audit = auditFile(path, (line) => said.push(line));
  for (const externalId of ids(200)) audit.sink({ externalId });
  await vi.waitFor(() => expect(said.join()).toContain('ENOSPC'), patience);
  await rm(path);
  audit.reopen();
  audit.sink({ externalId: 'last' });
  await vi.waitFor(async () => expect(await idsIn(path)).toEqual([...ids(200), 'last']), patience);
  await audit.close();

  await rm(path);
  await symlink('/dev/full', path);
  const full = auditFile(path, (line) => said.push(line));
  full.sink({ externalId: 'lost' });
  await full.close();
});
