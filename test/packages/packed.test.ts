// The packages as users get them: packed, unpacked into a node_modules folder, then required, imported and compiled.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** Settled where a consumer's are strict: a declaration that does not hold together is an error. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    module: 'Node16',
    moduleResolution: 'Node16',
    strict: true,
    skipLibCheck: false,
    // With the declarations of what the consumer exports, as in a repository of several projects.
    declaration: true,
    outDir: 'out',
    types: ['node'],
  },
};

const TYPED = (importing: string) => `${importing}
export const store = memoryStore({ max: 10 });
export const shared = redisStore({ url: 'redis://127.0.0.1' });
const options: GenesysGuestOptions = { region: 'eu-west-1', secrets: ['x'.repeat(32)], store };
export const guest = genesysGuest({
  ...options,
  identify: (req) => (req.headers.cookie ? { externalId: '1', attributes: { plan: 'gold' } } : undefined),
});
const app = express();
app.use('/chat', guest);
const { guestToken }: { guestToken?: string } = await_(guest.tokens.onboard({ externalId: '1' }));
const { ready }: { ready: boolean } = guest.health();
export const all: unknown[] = [guestToken, ready, cspDirectives({ region: 'eu-west-1' })];
declare function await_<T>(promise: Promise<T>): T;
// @ts-expect-error a misspelt option is a fault
genesysGuest({ regoin: 'eu-west-1' });
`;

describe('The packed packages', () => {
  let site = '';

  beforeAll(async () => {
    site = await mkdtemp(join(tmpdir(), 'packed-'));
    const modules = join(site, 'node_modules');
    for (const name of ['server', 'browser', 'emulator']) await unpack(name, modules);
    for (const [name, from] of [
      ['express', 'packages/server'],
      ['@types/express', 'packages/server'],
      ['@types/node', '.'],
    ] as const) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(root, from, 'node_modules', name), join(modules, name));
    }
  });
  afterAll(() => rm(site, { recursive: true, force: true }));

  /** What `npm pack` puts into the tarball, where npm would unpack it, beside the dependencies that it names. */
  const unpack = async (name: string, modules: string) => {
    const source = join(root, 'packages', name);
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', site];
    const { stdout } = await run('npm', args, { cwd: source });
    const [{ filename }] = JSON.parse(stdout);
    const target = join(modules, '@genesys-guest', name);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', join(site, filename), '-C', target, '--strip-components=1']);
    const { dependencies = {}, peerDependencies = {} } = await manifest(name);
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
      await mkdir(dirname(join(modules, dependency)), { recursive: true });
      await symlink(join(source, 'node_modules', dependency), join(modules, dependency)).catch(() => {});
    }
  };
  const manifest = async (name: string) =>
    JSON.parse(await readFile(join(site, 'node_modules/@genesys-guest', name, 'package.json'), 'utf8'));

  const node = async (file: string, text: string) => {
    await writeFile(join(site, file), text);
    const { stdout } = await run(process.execPath, [join(site, file)], { cwd: site });
    return stdout.trim();
  };

  it.each(['server', 'browser', 'emulator'])(
    '%s names no workspace package that nobody can install',
    async (name) => {
      const { dependencies = {}, peerDependencies = {} } = await manifest(name);
      const versions = Object.values({ ...dependencies, ...peerDependencies });
      expect(versions.filter((version) => String(version).startsWith('workspace:'))).toEqual([]);
      const dist = join(site, 'node_modules/@genesys-guest', name, 'dist');
      for (const file of (await readdir(dist)).filter((entry) => /\.d\.c?ts$|\.c?js$/.test(entry))) {
        const text = await readFile(join(dist, file), 'utf8');
        const imports = [...text.matchAll(/(?:from|import|require)[\s(]*["'](@genesys-guest\/[^"']+)["']/g)];
        expect(
          // Its own subpath is only named, in the error that says where redisStore is.
          imports.map(([, specifier]) => specifier).filter((to) => to !== '@genesys-guest/server/redis'),
          file,
        ).toEqual([]);
      }
    },
  );

  it.each(['server', 'browser', 'emulator'])('%s brings a README and names its licence', async (name) => {
    expect(await readdir(join(site, 'node_modules/@genesys-guest', name))).toContain('README.md');
    expect(await manifest(name)).toMatchObject({ license: 'MIT' });
  });

  const USE = `
const guest = genesysGuest({ region: 'eu-west-1', clientId: 'a', clientSecret: 'b', webchatId: 'c', secrets: ['x'.repeat(32)] });
guest({ method: 'GET', url: '/config', headers: { 'sec-fetch-site': 'same-origin' } }, {
  getHeader() {}, writeHead(status) { console.log(status); }, end(body) { console.log(JSON.parse(body).environment); },
});
guest.close();`;

  it('the server can be required', async () => {
    const text = `const { genesysGuest } = require('@genesys-guest/server');${USE}`;
    expect(await node('consumer.cjs', text)).toBe('200\nmypurecloud.ie');
  });

  it('the server can be imported', async () => {
    const text = `import { genesysGuest } from '@genesys-guest/server';${USE}`;
    expect(await node('consumer.mjs', text)).toBe('200\nmypurecloud.ie');
  });

  it('an error of the one is known by the other, by its name and code', async () => {
    const text = `import { genesysGuest } from '@genesys-guest/server';
import { createRequire } from 'node:module';
const { genesysGuest: required } = createRequire(import.meta.url)('@genesys-guest/server');
for (const make of [genesysGuest, required]) {
  try { make({ regoin: 'x' }); } catch ({ name, code }) { console.log(name, code); }
}`;
    const line = 'ConfigurationError configuration_invalid';
    expect(await node('errors.mjs', text)).toBe(`${line}\n${line}`);
  });

  it('the page’s module can be imported on a server, and touches nothing', async () => {
    const text = `const before = Object.keys(globalThis).length;
const { boot } = await import('@genesys-guest/browser');
console.log(typeof boot, Object.keys(globalThis).length - before);`;
    expect(await node('browser.mjs', text)).toBe('function 0');
  });

  it('the emulator starts from the package, with its script', async () => {
    const text = `import { startEmulator } from '@genesys-guest/emulator';
const emulator = await startEmulator();
console.log((await fetch(emulator.endpoints.bootstrap)).status);
await emulator.close();`;
    expect(await node('emulator.mjs', text)).toBe('200');
  });

  it.each([
    ['an ES module', 'module', 'consumer.mts', `import express from 'express';\n`],
    ['CommonJS', 'commonjs', 'consumer.cts', `import express = require('express');\n`],
  ])('TypeScript compiles a consumer: %s', async (_kind, type, file, importExpress) => {
    const folder = join(site, type);
    await mkdir(folder, { recursive: true });
    await cp(join(site, 'node_modules'), join(folder, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const importing = `${importExpress}import { cspDirectives, type GenesysGuestOptions, genesysGuest, memoryStore } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';`;
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...TSCONFIG, files: [file] }));
    await writeFile(join(folder, file), TYPED(importing));
    const tsc = join(dirname(require.resolve('typescript/package.json', { paths: [root] })), 'bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });
});
