// A build for the server, dependencies included.
export default {
  build: {
    ssr: 'express.js',
    outDir: 'out/vite',
    // Node 20 lacks node:sqlite, which undici asks for where it is used.
    commonjsOptions: { ignore: ['node:sqlite'] },
  },
  ssr: { noExternal: true },
};
