// The command as installed: the built file, run as a process of its own against an emulator.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmulator } from '@genesys-guest/emulator';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const CLI = new URL('../../packages/cli/dist/cli.js', import.meta.url).pathname;
const SECRET = 'canary-secret-of-the-client';

const ENV = {
  PATH: process.env['PATH'],
  GENESYSCLOUD_REGION: 'eu-west-1',
  GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
  GENESYSCLOUD_OAUTHCLIENT_SECRET: SECRET,
  GENESYS_GUEST_WEBCHAT_ID: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
  GENESYS_GUEST_SECRETS: 'canary-key-of-the-cookie-0123456789ab',
};

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = async (
  args: readonly string[],
  env: Record<string, string | undefined> = ENV,
  cwd?: string,
): Promise<Ended> => {
  try {
    // By its own shebang, as npm's link to it runs.
    return { code: 0, ...(await promisify(execFile)(CLI, [...args], { env, cwd, timeout: 50_000 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
};

describe('genesys-guest', () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    emulator = await startEmulator({ clientSecret: SECRET });
  });
  afterAll(() => emulator.close());

  it('doctor finds nothing wrong and ends with 0', async () => {
    const { code, stdout, stderr } = await run(['doctor', '--emulator', emulator.url, '--issue', '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, counts: { fail: 0, warn: 0 } });
    expect(code).toBe(0);
  });

  it('doctor ends with 1 where something fails, and shows no secret', async () => {
    const env = { ...ENV, GENESYSCLOUD_OAUTHCLIENT_SECRET: 'canary-of-another-client' };
    const { code, stdout, stderr } = await run(['doctor', '--emulator', emulator.url], env);
    expect(stdout).toMatch(/FAIL {2}OAuth does not take this client id with this secret/);
    expect(stdout + stderr).not.toMatch(/canary/);
    expect(stdout).not.toContain('\u001b');
    expect(code).toBe(1);
  });

  it('doctor reads .env in the current folder, and the environment before it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const lines = Object.entries(ENV).map(([name, value]) => `${name}="${value}"`);
    writeFileSync(join(folder, '.env'), lines.join('\n'));
    const env = { PATH: process.env['PATH'] };
    const args = ['doctor', '--emulator', emulator.url, '--json'];
    expect(JSON.parse((await run(args, env, folder)).stdout)).toMatchObject({ ok: true });
    expect(JSON.parse((await run(args, env)).stdout)).toMatchObject({ ok: false });
    const moved = await run(args, { ...env, GENESYSCLOUD_REGION: 'nowhere' }, folder);
    expect(JSON.parse(moved.stdout).findings[0].message).toMatch(/GENESYSCLOUD_REGION is not a region/);
  });

  it('emulator starts the emulator with its own flags, and ends with it', async () => {
    const child = spawn(CLI, ['emulator', '--port', '0', '--client-id', 'someone'], { env: ENV });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('/_emulator/stats')) break;
    }
    expect(output).toMatch(/clientId: 'someone'/);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
    expect((await fetch(`${url}/_emulator/stats`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('shows the help of the emulator, and its own', async () => {
    expect((await run(['emulator', '--help'])).stdout).toMatch(/--rate-limit <n>/);
    expect((await run(['--help'])).stdout).toMatch(/doctor .*\n.*members .*\n.*erase .*\n.*emulator /);
  });

  it('can be required and imported', async () => {
    const cjs = createRequire(import.meta.url)('genesys-guest') as typeof import('genesys-guest');
    const esm = await import('genesys-guest');
    for (const { doctor } of [cjs, esm]) {
      const written: string[] = [];
      const output = { write: (text: string) => written.push(text) };
      expect(await doctor(['--help'], '0.0.0', { out: output, err: output })).toBe(0);
      expect(written.join('')).toMatch(/^Usage: genesys-guest doctor/);
    }
  });

  it('ends with 2 on wrong usage', async () => {
    expect(await run(['doctor', '--sight'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['docter'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run([])).toMatchObject({ code: 2, stdout: '' });
  });

  it('tells its version', async () => {
    const manifest = readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});
