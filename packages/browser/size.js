// Checks what a page downloads against its budget: bytes, minified and compressed by brotli. Run after the build.
import { brotliCompressSync } from 'node:zlib';
import { scripts } from './dist/boot-text.js';
import { minified } from './minify.js';

/** What every page loads. */
const SCRIPT_BUDGET = 5_200;
/** What pages load beside it for a visitor who has a token, or uses the chat. */
const GUEST_BUDGET = 1_700;
/** What pages load beside it that show our own launcher. */
const FACADE_BUDGET = 1_600;
/** What pages load beside it whose mount has members. */
const MEMBERS_BUDGET = 4_000;
/** What a bundler makes of `import { boot }`, which leaves those for later, too. */
const MODULE_BUDGET = 4_600;

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
  ['guest.js', scripts['guest.js'], GUEST_BUDGET],
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
