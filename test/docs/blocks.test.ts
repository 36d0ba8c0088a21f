// Every code block of the guide and the READMEs is what its language says: types hold, shells parse, flags and names exist.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Block, blocks, checkTypes, ROOT } from './blocks.ts';
import { DOCS } from './guide.ts';

const checked = blocks.filter(({ marks }) => !marks.includes('nocheck'));
const of = (...languages: string[]): Block[] =>
  checked.filter(({ language }) => languages.includes(language));

/** What is no code, or is text that somebody else prints. */
const TEXT = ['', 'txt'];

const vueScripts = (): Block[] => {
  const sfc = createRequire(join(DOCS, 'package.json'))('vue/compiler-sfc');
  return of('vue').map((block) => {
    const { descriptor, errors } = sfc.parse(block.text);
    expect(errors, block.at).toEqual([]);
    return { ...block, language: 'js', text: descriptor.scriptSetup?.content ?? '' };
  });
};

const inlineScripts = (): Block[] =>
  of('html').flatMap((block) =>
    [...new JSDOM(block.text).window.document.querySelectorAll('script:not([src])')]
      .filter(({ attributes }) => ['module', undefined].includes(attributes.getNamedItem('type')?.value))
      .map((script) => ({ ...block, language: 'js', text: script.textContent })),
  );

const sources = (folder: string): string =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('/src/') && name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');

describe('The code blocks', () => {
  it('are all checked: none is marked as one that cannot be', () => {
    expect(blocks.filter(({ marks }) => marks.includes('nocheck')).map(({ at }) => at)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(60);
  });

  it('are in languages that are checked here', () => {
    const known = [
      'js',
      'mjs',
      'jsx',
      'ts',
      'tsx',
      'vue',
      'html',
      'sh',
      'json',
      'yaml',
      'ini',
      'http',
      'nginx',
      'dockerfile',
      ...TEXT,
    ];
    expect(
      checked.filter(({ language }) => !known.includes(language)).map(({ at, language }) => [at, language]),
    ).toEqual([]);
  });

  it('in JavaScript and TypeScript have right types', () => {
    const { faults, unknownPackages } = checkTypes([
      ...of('js', 'mjs', 'jsx', 'ts', 'tsx'),
      ...inlineScripts(),
      ...vueScripts(),
    ]);
    expect(faults).toEqual([]);
    // Not installed here: what a block takes from them is not checked. None of them is ours.
    expect(unknownPackages.filter((name) => name.includes('genesys-guest'))).toEqual([]);
  }, 240_000);

  it('in HTML have attributes that the script knows', () => {
    const script = readFileSync(join(ROOT, 'packages/browser/src/script.ts'), 'utf8');
    const known =
      /const \{([^}]+)\} = tag\?\.dataset/
        .exec(script)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? [];
    for (const { at, text } of of('html')) {
      for (const tag of new JSDOM(text).window.document.querySelectorAll<HTMLScriptElement>(
        'script[src*="boot.js"]',
      )) {
        expect(known, at).toEqual(expect.arrayContaining(Object.keys(tag.dataset)));
      }
    }
    expect(known).toContain('launcher');
  });

  it('of shells parse, and their commands and flags exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const flags = sources('packages');
    for (const { at, text } of of('sh')) {
      const { status, stderr } = spawnSync('bash', ['-n'], {
        input: text.replaceAll(/<(\w[\w ]*)>/g, '$1'),
        encoding: 'utf8',
      });
      expect([status, stderr], at).toEqual([0, '']);
      for (const [, script = ''] of text.matchAll(/pnpm(?:@[\d.]+)? (\w+)/g)) {
        expect([...Object.keys(scripts), 'install', 'add', 'exec'], at).toContain(script);
      }
      for (const [, command = '', rest = ''] of text.matchAll(/npx genesys-guest (\w+)(.*)/g)) {
        expect(['doctor', 'members', 'erase', 'emulator'], at).toContain(command);
        for (const [, flag = ''] of rest.matchAll(/ --([\w-]+)/g)) {
          expect(new RegExp(`['"\`\\s-]${flag}\\b`).test(flags), `${at}: --${flag}`).toBe(true);
        }
      }
    }
  });

  it('of configuration parse, and their variables exist', () => {
    for (const { text } of of('json')) JSON.parse(text);
    for (const { text } of of('yaml')) parse(text);
    const known = sources('packages');
    for (const { at, text } of of('ini')) {
      for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
        const [, name = ''] = /^([A-Z][A-Z\d_]*)=/.exec(line) ?? [];
        expect(name, `${at}: ${line}`).not.toBe('');
        if (name.startsWith('GENESYS')) expect(known.includes(name), `${at}: ${name}`).toBe(true);
      }
    }
    for (const { at, text } of of('http')) expect(text.trimEnd(), at).toMatch(/^([\w-]+: .+\n?)+$/);
    for (const { at, text } of of('dockerfile')) {
      expect(text.trimEnd().replaceAll('\\\n', ''), at).toMatch(
        /^(#.*\n|(FROM|WORKDIR|COPY|RUN|ENV|USER|CMD|EXPOSE|ENTRYPOINT) .+\n?)+$/,
      );
    }
    for (const { at, text } of of('nginx')) {
      const lines = text
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim())
        .filter(Boolean);
      expect(
        lines.filter((line) => !/[;{}]$/.test(line)),
        at,
      ).toEqual([]);
      expect(text.split('{').length, at).toBe(text.split('}').length);
    }
  });
});
