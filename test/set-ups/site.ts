// A site in a folder of its own, as somebody would write it, started as a process: what it prints is what its owner sees.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The parts of a site's file; what a set-up leaves out is as it should be. */
export interface SiteCode {
  readonly imports?: string;
  /** What stands before the mount. */
  readonly before?: string;
  /** What is given to `genesysGuest`, beside the environment's. */
  readonly options?: string;
  readonly mount?: string;
  /** What stands after the mount. */
  readonly after?: string;
  /** Of the page at `/`. */
  readonly head?: string;
  /** The whole, in place of all others. */
  readonly file?: string;
}

export const TAG = '<script src="/chat/boot.js" async></script>';

const fileOf = ({ imports = '', before = '', options = '', mount, after = '', head = TAG }: SiteCode) => `
import express from 'express';
import { genesysGuest } from '@genesys-guest/server';
${imports}
const app = express();
${before}
${mount ?? `const guest = genesysGuest({ ${options}${options && ','} ...emulated(), logger: console });\napp.use('/chat', guest);`}
app.get('/', (req, res) => {
  res.type('html').send(${JSON.stringify(`<!doctype html><title>Shop</title><link rel="icon" href="data:,">${head}<p>Shop</p>`)});
});
${after}
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));
function emulated() {
  return { endpoints: JSON.parse(process.env.ENDPOINTS) };
}
`;

export interface Site {
  /** `undefined` where it did not start. */
  readonly origin: string | undefined;
  /** What it has printed so far. */
  readonly terminal: () => string;
  /** Resolves once it has printed this. */
  readonly printed: (text: string) => Promise<void>;
}

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** It ends with the test. */
export const startSite = async (code: SiteCode, env: Environment): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'set-up-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(MODULES, join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'site.js'), code.file ?? fileOf(code));
  const child = spawn(process.execPath, ['site.js'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return watch(child);
};

const watch = async (child: ChildProcess): Promise<Site> => {
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const port = await new Promise<number | undefined>((resolve) => {
    child.once('message', (message) => resolve(message as number));
    child.once('close', () => resolve(undefined));
  });
  return {
    origin: port === undefined ? undefined : `http://127.0.0.1:${port}`,
    terminal: () => text,
    printed: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (!portless(text).includes(wanted)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
  };
};

/** Without the ports of this run. */
export const portless = (text: string): string =>
  text.replace(/(127\.0\.0\.1|0\.0\.0\.0|localhost|shop\.test):\d+/g, '$1:<port>');
