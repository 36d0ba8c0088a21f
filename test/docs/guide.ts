// Builds the guide into a folder of its own, serves it from loopback, and knows its pages.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface Guide {
  readonly folder: string;
  readonly url: string;
  /** Paths of the HTML files, such as `reference/options.html`. */
  readonly pages: readonly string[];
  close(): Promise<void>;
}

/** As `pnpm guide` does it, after the packages' build. */
export const buildGuide = async (): Promise<Guide> => {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-guest-guide-'));
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: DOCS });
  await run('generate/main.js');
  await run('node_modules/vitepress/bin/vitepress.js', 'build', '--outDir', folder);
  const pages = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.html'));
  const server = createServer(async (req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://127.0.0.1');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const body = await readFile(join(folder, path)).catch(() => undefined);
    res.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
    res.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  };
  return { folder, url, pages, close };
};
