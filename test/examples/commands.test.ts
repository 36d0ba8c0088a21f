// What is started from a shell: the demo until Ctrl-C, and the job without HTTP.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe('Commands of the examples', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const run = (file: string, env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [path(file)], { env: { PATH: process.env['PATH'], ...env } });
    children.push(child);
    let output = '';
    const seen = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', seen);
    child.stderr.on('data', seen);
    return { child, output: () => output };
  };

  it('the demo takes another port where its own is taken, prints its URL, and stops at Ctrl-C', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { child, output } = run('../../examples/quickstart/demo.js', { PORT: String(port) });
    await expect.poll(output, { timeout: 20_000 }).toMatch(/Ctrl-C/);
    const [, url = ''] = /Open\s+(http:\S+)/.exec(output()) ?? [];
    expect(new URL(url).port).not.toBe(String(port));
    const page = await fetch(url);
    expect(await page.text()).toContain('/chat/boot.js');
    expect((await fetch(`${url}/chat/boot.js`)).status).toBe(200);

    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow();
    expect(output()).not.toMatch(/error|warn/i);
    other.close();
  });

  it('the job prints config, telemetry and audit log, and no token whole', async () => {
    const { child, output } = run('../../examples/programmatic/main.js');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(output()).toMatch(/externalId: 'customer-12345'/);
    expect(output()).toMatch(/guestToken: '[^']{6}…'/);
    expect(output()).toMatch(/cacheHits: 1/);
    expect(output()).toMatch(/upstreamCalls: 2/);
    expect(output()).toMatch(/action: 'ISSUED'/);
  });
});
