// Builds the script of a page: dist/boot.js, one minified classic script, and dist/boot-text.js, the same as a string
// for the server, which serves it under its mount path.
import { writeFile } from 'node:fs/promises';
import { minified } from './minify.js';

const { code, map } = await minified({ entryPoints: { boot: 'src/script.ts' }, format: 'iife' });

await writeFile('dist/boot.js', `${code}//# sourceMappingURL=boot.js.map\n`);
await writeFile('dist/boot.js.map', map);
await writeFile(
  'dist/boot-text.js',
  `/** The script of a page, minified. */\nexport const bootScript = ${JSON.stringify(code)};\n`,
);
await writeFile(
  'dist/boot-text.d.ts',
  '/** The script of a page, minified: a classic script without a source map comment. */\nexport declare const bootScript: string;\n',
);
