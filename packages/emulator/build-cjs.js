// Builds the package's CommonJS face. Apart from the ES modules, because here the folder is __dirname and not import.meta.url.
import { copyFile, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));

await build({
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
