// Checks what a page downloads against its budget: bytes, minified and compressed by brotli. Run after the build.
import { brotliCompressSync } from 'node:zlib';
import { bootScript } from './dist/boot-text.js';
import { minified } from './minify.js';

/** The script with everything. The goal is 4,500: what is above it are features that were kept. */
const SCRIPT_BUDGET = 5_160;
/** What a bundler makes of `import { boot }`, which leaves the facade out. The goal is 3,000. */
const MODULE_BUDGET = 3_810;

const stdin = { contents: "export { boot } from './dist/index.js'", resolveDir: '.' };
const { code: module } = await minified({ stdin, format: 'esm' });

const sizes = [
  ['boot.js', bootScript, SCRIPT_BUDGET],
  ['{ boot } of the module', module, MODULE_BUDGET],
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
