// Builds the package's CommonJS face, and collects the licences of what is bundled.
// Apart from the ES modules, because here the folder is __dirname and not import.meta.url.
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));

const { metafile } = await build({
  metafile: true,
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.cjs',
  bundle: true,
  sourcemap: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  external: Object.keys(dependencies),
  define: { 'import.meta.url': '""' },
  logLevel: 'warning',
  // As require(): Jest runs CommonJS without import().
  supported: { 'dynamic-import': false },
});
await copyFile('dist/index.d.ts', 'dist/index.d.cts');

/** Folders of the bundled packages, whatever the package manager calls those above them. */
const folders = new Set(
  Object.keys(metafile.inputs).flatMap((input) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
);
const licences = [...folders].map(async (folder) => {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} is bundled, and has no licence to go with it`);
  return `${basename(folder)}\n\n${await readFile(join(folder, file), 'utf8')}`;
});
await writeFile('dist/THIRD-PARTY-LICENSES.txt', (await Promise.all(licences)).join('\n\n'));
