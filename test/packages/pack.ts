// Packs the packages as a release does.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const windows = process.platform === 'win32';

/** Folder of each published package, and its name. */
export const PACKAGES = {
  browser: '@genesys-guest/browser',
  cli: 'genesys-guest',
  emulator: '@genesys-guest/emulator',
  react: '@genesys-guest/react',
  server: '@genesys-guest/server',
} as const;

export type Package = keyof typeof PACKAGES;

/** Leaves the tarballs in a folder. @returns where each of them is */
export const packInto = async (folder: string): Promise<Record<Package, string>> => {
  const filters = Object.values(PACKAGES).flatMap((name) => ['--filter', name]);
  const args = ['--yes', 'pnpm@12.21.0', ...filters, 'pack', '--pack-destination', folder];
  await run('npx', args, { cwd: root, shell: windows });
  const files = await readdir(folder);
  const tarball = (name: string) => {
    const start = `${name.replace('@', '').replace('/', '-')}-`;
    const file = files.find((entry) => entry.startsWith(start) && /^\d/.test(entry.slice(start.length)));
    return file === undefined ? [] : [join(folder, file)];
  };
  const found = Object.entries(PACKAGES).flatMap(([short, name]) =>
    tarball(name).map((file) => [short, file]),
  );
  return Object.fromEntries(found) as Record<Package, string>;
};

/** Unpacks every package where npm would, beside the dependencies that it names. @returns where a module lies */
export const installInto = async (site: string): Promise<(name: string) => string> => {
  const at = (name: string) => join(site, 'node_modules', name);
  const link = async (name: string, from: string) => {
    await mkdir(dirname(at(name)), { recursive: true });
    await symlink(join(root, from, 'node_modules', name), at(name), 'junction').catch(() => {});
  };
  const tarballs = await packInto(site);
  const packages = Object.entries(PACKAGES) as [Package, string][];
  for (const [short, name] of packages) {
    await mkdir(at(name), { recursive: true });
    await run('tar', ['-xzf', tarballs[short], '-C', at(name), '--strip-components=1']);
  }
  for (const [short, name] of packages) {
    const manifest = await readFile(join(at(name), 'package.json'), 'utf8');
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(manifest);
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies }))
      await link(dependency, `packages/${short}`);
  }
  for (const name of ['express', '@types/express']) await link(name, 'packages/server');
  await link('@types/react', 'packages/react');
  await link('@types/node', '.');
  return at;
};
