// The guide's page on frameworks: each block is a server that gives its visitors a token. Packed packages, from npm the rest.
import { type ChildProcess, execFileSync, execSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../packages/server/src/testing/redis.ts';
import { until } from '../browser/chat.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = [
  ...['express@5', 'fastify@5', 'koa@3', 'hono@4', '@hono/node-server'],
  ...['@nestjs/core@11', '@nestjs/common@11', '@nestjs/platform-express@11', 'reflect-metadata', 'rxjs'],
];

/** What the page leaves to the reader. */
const APP_MODULE = `import 'reflect-metadata';
import { Module } from '@nestjs/common';
export class AppModule {}
Module({})(AppModule);
`;

/** Which block of JavaScript under which heading. */
const SERVERS = [
  ['Express 5 and 4', 0],
  ['Express 5 and 4', 1],
  ['node:http', 0],
  ['Fastify', 0],
  ['Nest', 0],
  ['Koa', 0],
  ['Hono', 0],
  ['In your own routes', 0],
] as const;

describe('A block of the page on frameworks', () => {
  const running: ChildProcess[] = [];
  let folder = '';
  let page = '';
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frameworks-'));
    page = await readFile(join(root, 'docs/frameworks.md'), 'utf8');
    emulator = await startEmulator();
    const pack = [
      '--yes',
      'pnpm@12.21.0',
      '--filter',
      '@genesys-guest/server',
      'pack',
      '--pack-destination',
      folder,
    ];
    execFileSync('npx', pack, { cwd: root });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'app.module.js'), APP_MODULE);
    const install = `npm install --no-audit --no-fund ./genesys-guest-server-*.tgz ${PACKAGES.join(' ')}`;
    execSync(install, { cwd: folder, stdio: 'pipe' });
  }, 300_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The block as a process of its own, once it answers. */
  const start = async (heading: string, index: number): Promise<string> => {
    const [section = ''] = page.split(`## ${heading}\n`)[1]?.split('\n## ') ?? [];
    const text = [...section.matchAll(/```js\n([\s\S]*?)```/g)][index]?.[1] ?? '';
    const port = await freePort();
    const file = join(folder, `server-${port}.${text.includes('require(') ? 'cjs' : 'js'}`);
    await writeFile(file, text.replace(/\b3000\b/, String(port)));
    const env = {
      PATH: process.env['PATH'],
      GENESYSCLOUD_REGION: 'eu-west-1',
      GENESYS_GUEST_WEBCHAT_ID: 'chat',
      GENESYS_GUEST_EMULATOR: emulator.url,
    };
    const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: 'ignore' });
    running.push(child);
    const url = `http://127.0.0.1:${port}`;
    await until(() => fetch(url).then(Boolean, () => false), Boolean);
    return url;
  };

  it.each(SERVERS)(
    '%s (%i) serves the script, gives a token, and refuses strangers',
    async (heading, index) => {
      const url = await start(heading, index);
      const post = (headers = {}) => fetch(`${url}/chat/renew`, { method: 'POST', headers });
      const script = await fetch(`${url}/chat/boot.js`);
      expect(await script.text()).toContain('GenesysGuest');
      const [cookie = ''] = (await post()).headers.getSetCookie()[0]?.split(';') ?? [];
      expect(await (await post({ cookie })).json()).toMatchObject({ guestToken: expect.any(String) });
      expect((await post({ origin: 'https://stranger.example' })).status).toBe(403);
      expect((await fetch(`${url}/chat/nothing`)).status).toBe(404);
      const [child] = running.splice(-1);
      child?.kill();
      await once(child as ChildProcess, 'exit');
    },
  );
});
