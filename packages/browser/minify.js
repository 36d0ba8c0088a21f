// How the page's code is minified: by the build of boot.js, and by the size check for what a bundler makes of `boot`.

/** Options of esbuild. */
export const minified = {
  bundle: true,
  minify: true,
  target: 'es2020',
  platform: 'browser',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
};
