// The command as installed: the built file, run as a process of its own against an emulator.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { startEmulator } from '@genesys-guest/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
): Promise<Ended> => {
  try {
    // By its own shebang, as npm's link to it runs.
    return { code: 0, ...(await promisify(execFile)(CLI, [...args], { env, timeout: 50_000 })) };
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

  it('ends with 2 on wrong usage', async () => {
    expect(await run(['doctor', '--sight'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['docter'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run([])).toMatchObject({ code: 2, stdout: '' });
  });

  it('tells its version', async () => {
    const manifest = readFileSync(new URL('../../packages/server/package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});
