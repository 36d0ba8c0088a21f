// Builds the script of a page: dist/boot.js, one minified classic script, and dist/boot-text.js, the same as a string
// for the server, which serves it under its mount path.
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { minified } from './minify.js';

await build({
  ...minified,
  entryPoints: ['src/script.ts'],
  outfile: 'dist/boot.js',
  format: 'iife',
  sourcemap: 'linked',
});

const script = (await readFile('dist/boot.js', 'utf8')).replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n');
await writeFile(
  'dist/boot-text.js',
  `/** The script of a page, minified. */\nexport const bootScript = ${JSON.stringify(script)};\n`,
);
await writeFile(
  'dist/boot-text.d.ts',
  '/** The script of a page, minified: a classic script without a source map comment. */\nexport declare const bootScript: string;\n',
);
