// Checks what a page downloads against its budget: bytes, minified and compressed by brotli. Run after the build.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { minified } from './minify.js';

/** The script with everything. The goal is 4,500: what is above it are features that were kept. */
const SCRIPT_BUDGET = 5_600;
/** What a bundler makes of `import { boot }`, which leaves the facade out. The goal is 3,000. */
const MODULE_BUDGET = 4_200;

const bundled = async (contents) => {
  const stdin = { contents, resolveDir: '.', loader: 'js' };
  const { outputFiles } = await build({ ...minified, stdin, format: 'esm', write: false });
  return outputFiles[0].contents;
};

const sizes = [
  ['boot.js', await readFile('dist/boot.js'), SCRIPT_BUDGET],
  ['{ boot } of the module', await bundled("export { boot } from './dist/index.js'"), MODULE_BUDGET],
];
let over = false;
for (const [name, code, budget] of sizes) {
  const bytes = brotliCompressSync(code).length;
  over ||= bytes > budget;
  console.log(
    `${bytes > budget ? 'over' : 'ok  '}  ${name}: ${bytes} of ${budget} bytes (${code.length} minified)`,
  );
}
process.exitCode = over ? 1 : 0;
