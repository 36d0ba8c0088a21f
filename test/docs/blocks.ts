// The code blocks of the guide and of the READMEs, and what the TypeScript compiler says of those that are JavaScript.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  /** Where it stands, such as `docs/members.md:10`. */
  readonly at: string;
  readonly language: string;
  /** What follows the language: `nocheck` leaves the block out, and the test names it. */
  readonly marks: readonly string[];
  readonly text: string;
}

const FENCE = /^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2`*[ \t]*$/gm;

const files = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...files('docs', /\.md$/),
  ...files('packages', /./).flatMap((folder) => files(folder, /^README\.md$/)),
];

export const blocks: readonly Block[] = PAGES.flatMap((path) => {
  const page = readFileSync(join(ROOT, path), 'utf8');
  return [...page.matchAll(FENCE)].map(({ index, 1: indent = '', 3: info = '', 4: text = '' }) => {
    const [language = '', ...marks] = info.trim().split(/\s+/);
    const line = page.slice(0, index).split('\n').length;
    return {
      at: `${path}:${line}`,
      language,
      marks,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
});

const OPTIONS: ts.CompilerOptions = {
  // JavaScript as readers write it: names, options and calls are checked, missing annotations are not.
  strict: false,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.ReactJSX,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  paths: {
    '@genesys-guest/react': [join(ROOT, 'packages/react/dist/index.d.ts')],
    react: [join(ROOT, 'packages/react/node_modules/@types/react')],
    'react/*': [join(ROOT, 'packages/react/node_modules/@types/react/*')],
  },
};

const PRELUDE = fileURLToPath(new URL('prelude.d.ts', import.meta.url));
const CANNOT_FIND_MODULE = [2307, 2875, 7016];

export interface Checked {
  /** Each as `docs/members.md:12: message`. */
  readonly faults: readonly string[];
  /** Packages whose types are not here: what is taken from them is not checked. */
  readonly unknownPackages: readonly string[];
}

/** Each block as a module of its own, beside this file: it finds the packages that tests have. */
export const checkTypes = (code: readonly Pick<Block, 'at' | 'language' | 'text'>[]): Checked => {
  const modules = new Map(
    code.map((block, index) => [join(ROOT, `test/docs/block-${index}.${block.language}`), block]),
  );
  const host = ts.createCompilerHost(OPTIONS, true);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    const block = modules.get(name);
    return block ? ts.createSourceFile(name, block.text, rest[0], true) : getSourceFile(name, ...rest);
  };
  const program = ts.createProgram([PRELUDE, ...modules.keys()], OPTIONS, host);
  const faults: string[] = [];
  const unknownPackages = new Set<string>();
  for (const { file, start = 0, code: number, messageText } of ts.getPreEmitDiagnostics(program)) {
    const block = file && modules.get(file.fileName);
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    const [, module = ''] = /module(?: path)? '([^']+)'/.exec(message) ?? [];
    // A file of the reader's own site.
    if (CANNOT_FIND_MODULE.includes(number) && /^(\.|@\/)/.test(module)) continue;
    if (CANNOT_FIND_MODULE.includes(number)) unknownPackages.add(module);
    else {
      const [path, line] = block?.at.split(':') ?? [];
      const within = file?.getLineAndCharacterOfPosition(start).line ?? 0;
      faults.push(`${path ?? file?.fileName}:${Number(line) + 1 + within}: ${message}`);
    }
  }
  return { faults, unknownPackages: [...unknownPackages].sort() };
};
