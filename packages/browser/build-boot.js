// Builds the scripts of a page, each one minified classic script: dist/boot.js, and those that it loads where a page needs
// them. dist/boot-text.js has them all as strings for the server, which serves them under its mount path.
import { writeFile } from 'node:fs/promises';
import { minified } from './minify.js';

const ENTRIES = {
  boot: 'src/script.ts',
  guest: 'src/guest/script.ts',
  facade: 'src/facade/script.ts',
  members: 'src/members/script.ts',
};

const texts = {};
for (const [name, entry] of Object.entries(ENTRIES)) {
  const { code, map } = await minified({ entryPoints: { [name]: entry }, format: 'iife' });
  if (!/^("use strict";)?\(\(\)=>\{.*\}\)\(\);\n$/s.test(code))
    throw new Error(`${name}.js would leave globals on the page`);
  texts[`${name}.js`] = code;
  await writeFile(`dist/${name}.js`, `${code}//# sourceMappingURL=${name}.js.map\n`);
  await writeFile(`dist/${name}.js.map`, map);
}

const DOC = "/** The page's scripts by name, minified: classic scripts without source map comments. */";
const names = Object.keys(texts).map((name) => JSON.stringify(name));
await writeFile('dist/boot-text.js', `${DOC}\nexport const scripts = ${JSON.stringify(texts)};\n`);
await writeFile(
  'dist/boot-text.d.ts',
  `${DOC}\nexport declare const scripts: Readonly<Record<${names.join(' | ')}, string>>;\n`,
);
