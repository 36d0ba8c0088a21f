// The example of a site's own tests: its three runners pass, and would notice a chat that is broken.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { CHROMIUM } from '../browser/chromium.ts';
import { hasCommand } from '../command.ts';

const cwd = fileURLToPath(new URL('../../examples/testing', import.meta.url));
const chromium = process.env['CHROMIUM'] ?? CHROMIUM.usual.find(existsSync) ?? 'chromium';
const hasChromium = hasCommand(chromium, '--version', 'the example of a test with Playwright');

/** What the runner prints, on whichever stream. Without what a runner of tests sets for those that it runs. */
const run = async (runner: string, ...args: string[]) => {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], CHROMIUM: chromium, NO_COLOR: '1' };
  const { stdout, stderr } = await promisify(execFile)(`${cwd}/node_modules/.bin/${runner}`, args, {
    cwd,
    env,
  });
  return stdout + stderr;
};

it('vitest', async () => expect(await run('vitest', 'run')).toMatch(/Tests +2 passed/));

it('jest', async () => expect(await run('jest')).toMatch(/Tests: +1 passed/));

it.runIf(hasChromium)('playwright', async () => {
  expect(await run('playwright', 'test', '--reporter', 'line')).toMatch(/1 passed/);
});
