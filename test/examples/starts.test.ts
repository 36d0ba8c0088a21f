// Each small example starts from a shell, says where it is, serves its page and the chat, and stops at Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

describe('npm start', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it.each(['react', 'strict-csp', 'consent', 'gtm'])('%s', async (name) => {
    const cwd = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
    const file = `${cwd}/node_modules/.bin/start-example`;
    const child = spawn(file, { cwd, env: { PATH: process.env['PATH'], PORT: '0' } });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    await expect.poll(() => output, { timeout: 20_000 }).toMatch(/Ctrl-C/);
    const [url = ''] = /http:\S+/.exec(output) ?? [];
    expect((await fetch(url)).headers.get('content-type')).toMatch(/^text\/html/);
    expect((await fetch(`${url}/chat/boot.js`)).status).toBe(200);
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(output).not.toMatch(/error|warn/i);
  });

  it('cluster ends where no process can start, and starts none again', async () => {
    const cwd = fileURLToPath(new URL('../../examples/cluster', import.meta.url));
    const env = { PATH: process.env['PATH'], PORT: '0', PROCESSES: '2', GENESYSCLOUD_REGION: 'eu-west-1' };
    const child = spawn(process.execPath, ['main.js'], { cwd, env });
    children.push(child);
    let output = '';
    child.stderr.on('data', (chunk) => (output += chunk));
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output.match(/webchatId: is missing/g)).toHaveLength(2);
  });
});
