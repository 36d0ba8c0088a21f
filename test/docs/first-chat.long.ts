// The guide's first page, followed to the letter in an empty folder: packed packages, npm, the emulator, a site, a chat.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../packages/server/src/testing/redis.ts';
import { openChat, say } from '../browser/chat.ts';
import { describeInChromium } from '../browser/chromium.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = ['@genesys-guest/server', '@genesys-guest/emulator', 'genesys-guest'];

/** What the page says until the chat works: its commands, and its files by name. */
const read = async () => {
  const [page = ''] = (await readFile(join(root, 'docs/index.md'), 'utf8')).split('## Nothing happens?');
  const commands = [...page.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  const files = [...page.matchAll(/^`([\w.]+)`:\n\n```\w+\n([^`]+?)```/gm)].map(
    ([, name = '', text = '']) => [name, text],
  );
  return { commands, files: Object.fromEntries(files) as Record<string, string> };
};

describeInChromium('From an empty folder', (browser) => {
  const running: ChildProcess[] = [];
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'first-chat-'));
  });
  afterAll(async () => {
    // With what npx has started.
    for (const { pid } of running) process.kill(-(pid as number), 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('six commands at most lead to a chat on a site of one’s own', async () => {
    const { commands, files } = await read();
    const [tarballs = '', init = '', install = '', emulator = '', site = ''] = commands;
    expect(commands.length).toBeLessThanOrEqual(6);
    expect([tarballs, emulator]).toEqual([
      expect.stringMatching(/ tarballs$/),
      expect.stringMatching(/ emulator /),
    ]);
    expect(Object.keys(files)).toEqual(['site.mjs', '.env']);

    // What `tarballs` does after the build, with another place for what it makes.
    const packing = PACKAGES.flatMap((name) => ['--filter', name]);
    execFileSync('npx', ['--yes', 'pnpm@12.21.0', ...packing, 'pack', '--pack-destination', folder], {
      cwd: root,
    });
    const [ours, port] = [await freePort(), await freePort()];
    /** Nobody knows which ports this machine has free. */
    const here = (text: string) =>
      text.replaceAll('<copy>', folder).replaceAll('3000', String(ours)).replaceAll('4010', String(port));
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const options = { cwd: folder, env, shell: true } as const;
    for (const command of [init, install]) execFileSync(here(command), [], options);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), here(text));

    const start = async (command: string, says: string) => {
      const child = spawn(here(`exec ${command}`), {
        ...options,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(child);
      for (let said = ''; !said.includes(says); ) said += String((await once(child.stdout, 'data'))[0]);
    };
    await start(emulator, `http://127.0.0.1:${port}`);
    await start(site, `http://localhost:${ours}`);

    const page = await browser().newPage();
    await page.goto(`http://localhost:${ours}`);
    await openChat(page);
    await say(page, 'hello');
    await page.close();
  });
});
