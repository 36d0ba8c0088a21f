// How the page's code is minified: by the build of boot.js, and by the size check for what a bundler makes of `boot`.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { minify } from 'terser';

/** Browsers of 2021 and younger, as Messenger itself wants them. */
const TARGET = { esbuild: 'es2022', terser: 2020 };

/** Properties that nobody outside one script ever sees get short names. */
const INTERNAL = [
  'anchor',
  'areThere',
  'describe',
  'expiry',
  'failures',
  'held',
  'hurry',
  'identifying',
  'isDue',
  'isThere',
  'newest',
  'onForgotten',
  'onUsable',
  'onUsed',
  'onVisible',
  'problem',
  'putAgain',
  'refused',
  'renewal',
  'schedule',
  'strange',
  'tellForgotten',
  'usable',
];

/** What users, other scripts of ours, Genesys and our server read by name. terser itself spares the names of the DOM. */
const PUBLIC = [
  'types',
  'genesys',
  'page',
  'messenger',
  'guest/ports',
  'members/ports',
  'members/authentication',
  '../../common/src/config',
  '../../common/src/problems',
];
for (const file of PUBLIC) {
  const text = readFileSync(new URL(`src/${file}.ts`, import.meta.url), 'utf8');
  const seen = INTERNAL.filter((name) => new RegExp(`^ .*\\b${name}\\??[:(<]`, 'm').test(text));
  if (seen.length > 0) throw new Error(`minify.js: ${seen} of ${file}.ts must keep its name`);
}

/**
 * Bundles and minifies: esbuild makes one file of it, terser finds what esbuild leaves.
 *
 * @param options of esbuild: the entry and the format
 * @returns the code, and its source map as JSON
 */
export const minified = async (options) => {
  const { outputFiles } = await build({
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    target: TARGET.esbuild,
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    sourcemap: 'external',
    outdir: 'dist',
    write: false,
    ...options,
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  const result = await minify(code, {
    module: options.format === 'esm',
    // What a classic script declares outside of any function is a global of the page's, and of our other scripts'.
    toplevel: options.format === 'esm',
    ecma: TARGET.terser,
    compress: { passes: 3, unsafe_arrows: true, pure_getters: true, keep_fargs: false, hoist_vars: true },
    mangle: { properties: { regex: new RegExp(`^(${INTERNAL.join('|')})$`) } },
    sourceMap: { content: map },
  });
  return { code: `${result.code}\n`, map: result.map };
};
