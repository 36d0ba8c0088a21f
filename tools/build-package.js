// Builds the package in the current folder: its faces as ES modules, with --cjs also as CommonJS, and declaration files
// for each module kind. What package.json lists under `dependencies` or `peerDependencies` stays an import; workspace
// packages among the devDependencies are bundled, so that nobody has to install them.
import { chmod, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const { values } = parseArgs({
  options: {
    cjs: { type: 'boolean', default: false },
    // A face beside index: a subpath of the package, with types.
    face: { type: 'string', multiple: true, default: [] },
    // A program: no types, and no CommonJS.
    entry: { type: 'string', multiple: true, default: [] },
  },
});
const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const external = [
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}),
];
const isExternal = (id) => isBuiltin(id) || external.some((name) => id === name || id.startsWith(`${name}/`));
const forNode = Boolean(manifest.engines?.node);
const faces = ['index', ...values.face];
const entries = [...faces, ...values.entry];

await rm('dist', { recursive: true, force: true });
await build({
  bundle: true,
  sourcemap: true,
  external: external.flatMap((name) => [name, `${name}/*`]),
  target: forNode ? 'node20.19' : 'es2020',
  platform: forNode ? 'node' : 'neutral',
  logLevel: 'warning',
  entryPoints: entries.map((name) => `src/${name}.ts`),
  outdir: 'dist',
  format: 'esm',
  splitting: true,
  chunkNames: 'shared-[hash]',
});

const write = async (input, plugins, outputs) => {
  // A warning fails the build: a type of a package's face that nobody can name, for one.
  const onwarn = ({ message }) => {
    throw new Error(message);
  };
  const bundle = await rollup({ input, external: isExternal, plugins, onwarn });
  for (const output of outputs) await bundle.write({ dir: 'dist', ...output });
  await bundle.close();
};

if (values.cjs) {
  // From the ES modules, so that the faces share one copy of what they have in common.
  await write(
    Object.fromEntries(faces.map((name) => [name, `dist/${name}.js`])),
    [],
    [
      {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: 'shared-[hash].cjs',
        // As require(): Jest runs CommonJS without import().
        dynamicImportInCjs: false,
        exports: 'named',
      },
    ],
  );
}

const declarations = (extension) => ({
  format: 'es',
  entryFileNames: `[name]${extension}`,
  chunkFileNames: `shared-[hash]${extension}`,
});
await write(
  Object.fromEntries(faces.map((name) => [name, `src/${name}.ts`])),
  [
    dts({
      respectExternal: true,
      includeExternal: ['@genesys-guest/common'],
      compilerOptions: { stripInternal: true },
    }),
  ],
  values.cjs ? [declarations('.d.ts'), declarations('.d.cts')] : [declarations('.d.ts')],
);

for (const bin of Object.values(manifest.bin ?? {})) await chmod(bin, 0o755);
