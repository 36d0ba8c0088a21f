// Bundles Messenger's part into the one script that the emulator serves.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/messenger/main.ts'],
  outfile: 'dist/messenger.js',
  bundle: true,
  format: 'iife',
  target: 'es2022',
  logLevel: 'warning',
});
