// Reads the packages' source: as TypeDoc and the TypeScript compiler see it, and as the values of its modules.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { Application, TSConfigReader, TypeDocReader } from 'typedoc';
import ts from 'typescript';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** TypeDoc's project, and the program from which it was made. */
export const readTypes = async () => {
  const options = { options: at('typedoc.json'), tsconfig: at('tsconfig.json') };
  const app = await Application.bootstrapWithPlugins(options, [new TypeDocReader(), new TSConfigReader()]);
  const entryPoints = app.getEntryPoints();
  const { program } = entryPoints[0];
  const project = app.converter.convert(entryPoints);
  // By package, not by file: `server/src/redis` is the page `server-redis`.
  for (const module of project.children) module.name = module.name.replace('/src', '').replace('/', '-');
  return { app, project, program, checker: program.getTypeChecker() };
};

/** Tables that the code itself works by. */
const VALUES = {
  'common/src/problems.ts': ['PROBLEMS'],
  'browser/src/errors.ts': ['MENDS'],
  'server/src/observe/instruments.ts': ['COUNTERS', 'DURATIONS', 'GAUGES'],
  'server/src/observe/cloud-event.ts': ['KINDS'],
  'server/src/options/fields.ts': ['TOKEN_FIELDS', 'HANDLER_FIELDS'],
  'server/src/options/handler-options.ts': ['resolveOptions'],
  'server/src/handler/visitor-cookie.ts': ['createVisitorCookie'],
  'server/src/upstream/upstream-error.ts': ['errorOfAnswer', 'toGuestTokenError'],
  'common/src/network-errors.ts': ['NETWORK_ERRORS'],
};

export const readValues = async () => {
  const outfile = at('.vitepress/cache/values.mjs');
  const contents = Object.entries(VALUES)
    .map(([path, names]) => `export { ${names.join(', ')} } from '${at(`../packages/${path}`)}';`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: at('.') },
    tsconfig: at('tsconfig.json'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'warning',
    // Some dependencies are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return import(pathToFileURL(outfile).href);
};

/** The compiler's node for what a module exports. */
export const exported = ({ program, checker }, path, name) => {
  const file = program.getSourceFile(at(`../packages/${path}`));
  const symbol = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file))
    .find((one) => one.name === name);
  if (!symbol) throw new Error(`${path} does not export ${name}`);
  return symbol;
};

/** Each property of an interface, also of one in parts, with what its docstring says. */
export const propertiesOf = (source, path, name) => {
  const { checker } = source;
  const type = checker.getDeclaredTypeOfSymbol(exported(source, path, name));
  const properties = new Map();
  for (const part of type.isUnion() ? type.types : [type]) {
    for (const property of checker.getPropertiesOfType(part)) {
      const text = docOf(checker, property);
      const known = properties.get(property.name);
      // In one part of a union it may be there to be refused.
      if (!known?.text || known.type === 'undefined') {
        properties.set(property.name, { name: property.name, text, type: typeOf(property) });
      }
    }
  }
  return [...properties.values()];
};

export const docOf = (checker, symbol) =>
  ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();

const typeOf = ({ declarations }) =>
  (declarations?.[0]?.type?.getText() ?? '')
    .replaceAll(/\s+/g, ' ')
    .replace(/ \| undefined$/, '')
    .replace(/^\| /, '');

/** Every file of ours in the program, without tests. */
export const ownFiles = ({ program }, name) =>
  program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(at(`../packages/${name}/src/`)));

export const relative = ({ fileName }) => fileName.slice(at('../').length);
