// Checks what a page downloads against its budget: bytes, minified and compressed by brotli. Run after the build.
import { brotliCompressSync } from 'node:zlib';
import { scripts } from './dist/boot-text.js';
import { minified } from './minify.js';

/** What every page loads. The goal is 5,200; without a feature that somebody needs it cannot be reached. */
const SCRIPT_BUDGET = 5_810;
/** What pages load beside it that show our own launcher. */
const FACADE_BUDGET = 1_600;
/** What pages load beside it whose mount has members. */
const MEMBERS_BUDGET = 4_000;
/** What a bundler makes of `import { boot }`, which leaves the facade for later. */
const MODULE_BUDGET = 5_550;

/** What is imported when it is needed is not part of the page's first script. */
const withoutLater = {
  name: 'without what comes later',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};
const stdin = { contents: "export { boot } from './dist/index.js'", resolveDir: '.' };
const { code: module } = await minified({ stdin, format: 'esm', plugins: [withoutLater] });

const sizes = [
  ['boot.js', scripts['boot.js'], SCRIPT_BUDGET],
  ['facade.js', scripts['facade.js'], FACADE_BUDGET],
  ['members.js', scripts['members.js'], MEMBERS_BUDGET],
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
