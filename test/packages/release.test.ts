// What a release has to bring: a change log and a home in each tarball, and no release without them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyIn, homeOf, readRoot } from '../../tools/home.js';
import { PACKAGES, type Package, packInto, root, run } from './pack.ts';

const HOME = {
  keywords: ['chat'],
  homepage: 'https://guest.example',
  bugs: 'https://guest.example/issues',
  repository: 'https://git.example/guest.git',
};

describe('a tarball', () => {
  let folder = '';
  let tarballs: Record<Package, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'release-'));
    tarballs = await packInto(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = async (name: Package, file: string) =>
    (await run('tar', ['-xzOf', tarballs[name], `package/${file}`])).stdout;

  it.each(Object.keys(PACKAGES) as Package[])(
    'of %s has what changed in its version, and the home',
    async (name) => {
      const manifest = JSON.parse(await read(name, 'package.json'));
      expect(await read(name, 'CHANGELOG.md')).toContain(`\n## ${manifest.version}\n`);
      expect(manifest).toMatchObject(homeOf(readRoot(), name));
      expect(manifest.keywords).toContain('genesys-cloud');
    },
  );
});

it('the home is written as npm wants it, with the folder of the package', () => {
  expect(homeOf(HOME, '/somewhere/packages/server')).toEqual({
    keywords: ['chat'],
    homepage: 'https://guest.example',
    bugs: { url: 'https://guest.example/issues' },
    repository: { type: 'git', url: 'git+https://git.example/guest.git', directory: 'packages/server' },
  });
});

it('nothing is published while one of its fields is empty', async () => {
  expect(emptyIn(HOME)).toEqual([]);
  expect(emptyIn({ ...HOME, keywords: [], bugs: '' })).toEqual(['keywords', 'bugs']);
  const empty = emptyIn(readRoot());
  const publishing = run('npm', ['run', 'prepublishOnly'], { cwd: join(root, 'packages/server') });
  const said = await publishing.then(
    () => '',
    ({ stderr }) => stderr,
  );
  expect(said.includes("empty in the root's package.json")).toBe(empty.length > 0);
});
