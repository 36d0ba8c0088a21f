// Marks what was built as code of the browser, for React Server Components: a bundler drops the directive of a module.
import { readdir, readFile, writeFile } from 'node:fs/promises';

for (const name of (await readdir('dist')).filter((file) => /\.c?js$/.test(file))) {
  // On the line that is there, so that the source map keeps its lines.
  await writeFile(`dist/${name}`, `'use client';${await readFile(`dist/${name}`, 'utf8')}`);
}
