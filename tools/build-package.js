// Builds the package in the current folder: its face as an ES module, with --cjs also as CommonJS, and one
// declaration file for each module kind. What package.json lists under `dependencies` or `peerDependencies`
// stays an import; workspace packages among the devDependencies are bundled, so that nobody has to install them.
import { chmod, readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const { values } = parseArgs({
  options: {
    cjs: { type: 'boolean', default: false },
    entry: { type: 'string', multiple: true, default: [] },
  },
});
const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const external = [
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}),
];
const isExternal = (id) =>
  id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`));
const forNode = Boolean(manifest.engines?.node);
const entries = ['index', ...values.entry];

const shared = {
  bundle: true,
  sourcemap: true,
  external: external.flatMap((name) => [name, `${name}/*`]),
  target: forNode ? 'node20.19' : 'es2020',
  platform: forNode ? 'node' : 'neutral',
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: entries.map((name) => `src/${name}.ts`),
  outdir: 'dist',
  format: 'esm',
  splitting: entries.length > 1,
});
if (values.cjs) {
  await build({
    ...shared,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/index.cjs',
    format: 'cjs',
    // As require(): Jest runs CommonJS without import().
    supported: { 'dynamic-import': false },
  });
}

const declarations = await rollup({
  input: 'src/index.ts',
  external: isExternal,
  plugins: [dts({ respectExternal: true, includeExternal: ['@genesys-guest/common'] })],
});
await declarations.write({ file: 'dist/index.d.ts', format: 'es' });
if (values.cjs) await declarations.write({ file: 'dist/index.d.cts', format: 'es' });
await declarations.close();

for (const bin of Object.values(manifest.bin ?? {})) await chmod(bin, 0o755);
