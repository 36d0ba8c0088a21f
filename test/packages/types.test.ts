// The types of the packed packages, as strict consumers compile them: each module kind, old and new resolution.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installInto, root, run } from './pack.ts';

const require = createRequire(import.meta.url);

let site = '';
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'types-'));
  await installInto(site);
}, 120_000);
afterAll(() => rm(site, { recursive: true, force: true }));

const STRICT = {
  target: 'ES2022',
  strict: true,
  // A declaration that does not hold together is an error.
  skipLibCheck: false,
  // With the declarations of what the consumer exports, as in a repository of several projects.
  declaration: true,
  outDir: 'out',
};

/** Settings that name the old resolution are deprecated in TypeScript 6. */
const RESOLUTIONS = {
  node10: { module: 'CommonJS', moduleResolution: 'Node10', ignoreDeprecations: '6.0' },
  node16: { module: 'Node16', moduleResolution: 'Node16' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
};

const compile = async (file: string, text: string, compilerOptions: object) => {
  const project = join(site, `${file}.json`);
  await writeFile(join(site, file), text);
  await writeFile(
    project,
    JSON.stringify({ compilerOptions: { ...STRICT, ...compilerOptions }, files: [file] }),
  );
  const tsc = join(dirname(require.resolve('typescript/package.json', { paths: [root] })), 'bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch((error) => error);
  return stdout;
};

const SERVER = `
import type { Request } from 'express';
import { cspDirectives, type GenesysGuestOptions, genesysGuest, memoryStore, type ProblemCode } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { startEmulator } from '@genesys-guest/emulator';
import { doctor } from 'genesys-guest';
export const store = memoryStore({ max: 10 });
export const shared = redisStore({ url: 'redis://127.0.0.1' });
export const code: ProblemCode = 'too_many_guests';
const options: GenesysGuestOptions = { region: 'eu-west-1', secrets: ['x'.repeat(32)], store };
export const guest = genesysGuest({
  ...options,
  identify: (req) => (req.headers.cookie ? { externalId: '1', attributes: { plan: 'gold' } } : undefined),
});
// Express' request, without a type argument.
const members = genesysGuest({
  identify: (req: Request) => (req.ip && req.path ? { externalId: String(req.query['id']) } : undefined),
});
const app = express();
app.use('/chat', guest);
app.use('/members', members);
app.get('/', async (req, res) => void res.json((await members.visitor(req))?.externalId));
export const all = async (): Promise<unknown[]> => {
  const { guestToken }: { guestToken?: string } = await guest.tokens.onboard({ externalId: '1' });
  const { ready }: { ready: boolean } = guest.health();
  const { endpoints } = await startEmulator();
  return [guestToken, ready, endpoints.bootstrap, doctor, cspDirectives({ region: 'eu-west-1' })];
};
// @ts-expect-error a misspelt option is a fault
genesysGuest({ regoin: 'eu-west-1' });
`;
const EXPRESS = { import: `import express from 'express';`, require: `import express = require('express');` };

const BROWSER = `
import { boot, type GuestSession, type Problem, type ProblemCode } from '@genesys-guest/browser';
import { GenesysGuestProvider, useGenesysGuest } from '@genesys-guest/react';
export const start = (): Promise<GuestSession> | undefined => window.GenesysGuest?.boot({ endpoint: '/chat' });
export const wait = ({ code, retryAfter }: Problem): [ProblemCode, number | undefined] => [code, retryAfter];
export const told: ProblemCode = 'guest_changed';
boot().then((session) => {
  const token: string | undefined = session.token;
  session.on('error', ({ code }) => code === 'messenger_blocked' && console.log(token));
});
window.addEventListener('genesys-guest:ready', () => {});
export const Chat = () => <button onClick={() => useGenesysGuest()}>chat</button>;
export const Page = () => <GenesysGuestProvider><Chat /></GenesysGuestProvider>;
// @ts-expect-error a misspelt code is a fault
export const none: ProblemCode = 'guest_change';
`;

describe.each([
  ['an ES module, node16', 'server.mts', 'import', 'node16'],
  ['CommonJS, node16', 'server.cts', 'require', 'node16'],
  ['CommonJS, node10', 'server.ts', 'require', 'node10'],
] as const)('packed, under TypeScript: %s', (_name, file, kind, resolution) => {
  it('a site compiles', { timeout: 180_000 }, async () => {
    const settings = {
      ...RESOLUTIONS[resolution],
      types: ['node'],
      lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    };
    expect(await compile(file, EXPRESS[kind] + SERVER, settings)).toBe('');
  });
});

describe.each(['bundler', 'node10'] as const)('packed, under TypeScript: a page, %s', (resolution) => {
  it('compiles without @types/node', { timeout: 180_000 }, async () => {
    const settings = {
      ...RESOLUTIONS[resolution],
      types: [],
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      jsx: 'react-jsx',
    };
    expect(await compile(`page-${resolution}.tsx`, BROWSER, settings)).toBe('');
  });
});
