// How the page's code is minified: by the build of boot.js, and by the size check for what a bundler makes of `boot`.
import { build } from 'esbuild';
import { minify } from 'terser';

/** Browsers of 2021 and younger, as Messenger itself wants them. */
const TARGET = { esbuild: 'es2022', terser: 2020 };

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
    toplevel: true,
    ecma: TARGET.terser,
    compress: { passes: 3, unsafe_arrows: true, pure_getters: true, keep_fargs: false },
    sourceMap: { content: map },
  });
  return { code: `${result.code}\n`, map: result.map };
};
