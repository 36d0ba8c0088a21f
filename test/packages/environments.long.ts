// A small site made of the tarballs, under each environment that users have: it answers, and its visitors get a token.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { packInto, run, windows } from './pack.ts';

let site = '';
let emulator: Emulator;

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'environments-'));
  await cp(fileURLToPath(new URL('site', import.meta.url)), site, { recursive: true });
  const { browser, emulator: tarball, react, server } = await packInto(site);
  // Without scripts, so that no package fetches anything from elsewhere.
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', browser, tarball, react, server];
  await run('npm', args, { cwd: site, shell: windows });
  // Where it is absent, a bundle must do without.
  expect(existsSync(join(site, 'node_modules/@redis/client'))).toBe(false);
  emulator = await startEmulator();
}, 600_000);

afterAll(async () => {
  await emulator?.close();
  await rm(site, { recursive: true, force: true });
});

const environment = () => ({
  ...process.env,
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  ENDPOINTS: JSON.stringify(emulator.endpoints),
});

const bin = (name: string) => join(site, 'node_modules/.bin', windows ? `${name}.cmd` : name);
const build = (name: string, ...args: string[]) =>
  run(bin(name), args, { cwd: site, env: environment(), shell: windows });

/** A site that runs until the test ends, and where it listens. */
const start = async (command: string, args: readonly string[]) => {
  const child = spawn(command, args, { cwd: site, env: environment() });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  const url = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        const [found] = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(output) ?? [];
        if (found) resolve(found);
      });
  });
  const failed = exited.then((how) => Promise.reject(new Error(`${how}: ${output}`)));
  failed.catch(() => {});
  return { origin: await Promise.race([url, failed]), exited, stop: () => child.kill('SIGTERM') };
};

const newcomer = async (origin: string) => {
  const config = await fetch(`${origin}/chat/config`);
  const renew = (cookie = '') => fetch(`${origin}/chat/renew`, { method: 'POST', headers: { cookie } });
  const cookie = (await renew()).headers.get('set-cookie')?.split(';')[0];
  const { guestToken } = (await (await renew(cookie)).json()) as { guestToken?: string };
  return [config.status, ((await config.json()) as { environment?: string }).environment, typeof guestToken];
};
const SERVED = [200, 'mypurecloud.ie', 'string'];

/** Starts the site, visits it and ends it. */
const visit = async (command: string, ...args: string[]) => {
  const { origin, exited, stop } = await start(command, args);
  expect(await newcomer(origin)).toEqual(SERVED);
  stop();
  if (!windows) expect(await exited).toBe('exit 0');
};

const ANSWERS = 'the site answers, its visitor gets a token, and it ends';

describe.each([
  ['esbuild', 'esbuild', ['express.js', '--bundle', '--platform=node', '--outfile=out/esbuild.cjs']],
  ['ncc', 'ncc', ['build', 'express.js', '-o', 'out/ncc']],
  ['Rollup', 'rollup', ['-c']],
  ['Vite', 'vite', ['build']],
  [
    'webpack 5',
    'webpack',
    [
      '--mode=production',
      '--target=node',
      '--entry=./express.js',
      '-o',
      'out',
      '--output-filename=webpack.cjs',
    ],
  ],
] as const)('packed, under %s', (_name, command, args) => {
  const OUTPUT = {
    esbuild: 'esbuild.cjs',
    ncc: 'ncc/index.js',
    rollup: 'rollup/express.js',
    vite: 'vite/express.js',
    webpack: 'webpack.cjs',
  };
  it(ANSWERS, async () => {
    await build(command, ...args);
    await visit(process.execPath, join('out', OUTPUT[command]));
  });
});

describe('packed, under Next 16', () => {
  it('a route handler answers by guest.fetch, and its visitor gets a token', async () => {
    await build('next', 'build');
    const next = join(site, 'node_modules/next/dist/bin/next');
    const { origin } = await start(process.execPath, [next, 'start', '-p', '0', '-H', '127.0.0.1']);
    expect(await newcomer(origin)).toEqual(SERVED);
  });
});

describe.each(['29', '30'])('packed, under Jest %s', (major) => {
  it('every package can be required, and the emulator starts', async () => {
    const jest = join(site, `node_modules/jest${major}/bin/jest.js`);
    const { stdout } = await run(process.execPath, [jest, '--version'], { cwd: site });
    expect(stdout).toMatch(new RegExp(`^${major}\\.`));
    await run(process.execPath, [jest, '--testMatch', '**/*.test.cjs'], { cwd: site });
  });
});

/** A program that npm brings for this platform, or not. Node is promised, so with `CI` set its absence fails. */
const program = ({ skip }: TestContext, path: string, promised: boolean): string => {
  const file = join(site, 'node_modules', path);
  if (!existsSync(file) && !(promised && process.env['CI'])) skip(`npm has no ${path} for this machine`);
  return file;
};

describe.each([
  ['Node 20.19', 'node20', 'v20.19.'],
  ['Node 22', 'node22', 'v22.'],
  ['Node 24', 'node24', 'v24.'],
])('packed, under %s', (_name, folder, version) => {
  it(ANSWERS, async (context) => {
    const node = program(context, `${folder}/bin/node`, true);
    expect((await run(node, ['--version'])).stdout).toContain(version);
    await visit(node, 'express.js');
  });

  it('every package can be required, and the emulator starts', async (context) => {
    const node = program(context, `${folder}/bin/node`, true);
    const { stdout } = await run(node, ['require.cjs'], { cwd: site });
    expect(stdout.trim()).toBe('200 function function function function');
  });
});

describe.each([
  ['Bun', '@oven/bun-linux-x64/bin/bun', []],
  ['Deno', '@deno/linux-x64-glibc/deno', ['run', '--allow-all']],
])('packed, under %s', (_name, path, args) => {
  it(ANSWERS, (context) => visit(program(context, path, false), ...args, 'express.js'));
  it('its own server answers by guest.fetch, its visitor gets a token, and it ends', (context) =>
    visit(program(context, path, false), ...args, 'fetch.js'));
});
