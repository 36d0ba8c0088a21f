// The packages as users get them: packed, unpacked into a node_modules folder, then required and imported.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installInto, PACKAGES, run } from './pack.ts';

describe('The packed packages', () => {
  let site = '';
  let at: (name: string) => string;

  beforeAll(async () => {
    site = await mkdtemp(join(tmpdir(), 'packed-'));
    at = await installInto(site);
  });
  afterAll(() => rm(site, { recursive: true, force: true }));

  const manifest = async (name: string) => JSON.parse(await readFile(join(at(name), 'package.json'), 'utf8'));

  const node = async (file: string, text: string) => {
    await writeFile(join(site, file), text);
    const { stdout } = await run(process.execPath, [join(site, file)], { cwd: site });
    return stdout.trim();
  };

  it.each(Object.values(PACKAGES))('%s names no workspace package that nobody can install', async (name) => {
    const { dependencies = {}, peerDependencies = {} } = await manifest(name);
    const versions = Object.values({ ...dependencies, ...peerDependencies });
    expect(versions.filter((version) => String(version).startsWith('workspace:'))).toEqual([]);
    const dist = join(at(name), 'dist');
    for (const file of (await readdir(dist)).filter((entry) => /\.d\.c?ts$|\.c?js$/.test(entry))) {
      const text = await readFile(join(dist, file), 'utf8');
      const imports = [...text.matchAll(/(?:from|import|require)[\s(]*["'](@genesys-guest\/[^/"']+)/g)];
      // Its own subpath is only named, in the error that says where redisStore is.
      const named = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
      expect(
        imports.flatMap(([, specifier = '']) => (named.has(specifier) ? [] : [specifier])),
        file,
      ).toEqual([]);
    }
  });

  it.each(Object.values(PACKAGES))('%s brings a README and names its licence', async (name) => {
    expect(await readdir(at(name))).toContain('README.md');
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
});
