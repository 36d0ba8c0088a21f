// A WebDriver client for WebKit, whose driver speaks nothing else: https://www.w3.org/TR/webdriver2/
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { until } from './chat.ts';

/** Ms: without a display `POST /session` hangs for ever. */
const LIMIT = 40_000;

/** Sends a command and answers its value. */
export type Command = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

export interface Driver {
  readonly command: Command;
  /** Deletes the session first: a driver that ends before leaves its browser behind. */
  close(): Promise<void>;
}

const end = async (process: ChildProcess) => {
  const gone = process.exitCode === null && process.signalCode === null ? once(process, 'exit') : undefined;
  process.kill();
  await gone;
};

/** A screen that nobody sees. */
export const startDisplay = async (): Promise<{ readonly name: string; close(): Promise<void> }> => {
  const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = await once(server.stdio[3] as Readable, 'data');
  return { name: `:${String(number).trim()}`, close: () => end(server) };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** Starts a driver and its one session. */
export const startDriver = async (path: string, display: string, capabilities: object): Promise<Driver> => {
  const port = await freePort();
  const env = { ...process.env, DISPLAY: display };
  const driver = spawn(path, [`--port=${port}`], { env, stdio: 'ignore' });
  const send: Command = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      signal: AbortSignal.timeout(LIMIT),
    });
    const { value } = (await answer.json()) as { value: { error?: string; message?: string } | null };
    if (!answer.ok) throw new Error(`WebDriver: ${path}: ${value?.error}: ${value?.message}`);
    return value;
  };
  const ready = () => send('GET', '/status').catch(() => undefined);
  await until(ready, Boolean);
  const asked = { capabilities: { alwaysMatch: capabilities } };
  const { sessionId } = (await send('POST', '/session', asked).catch(async (error: unknown) => {
    await end(driver);
    throw error;
  })) as { sessionId: string };
  return {
    command: (method, path, body) => send(method, `/session/${sessionId}${path}`, body),
    async close() {
      await send('DELETE', `/session/${sessionId}`).catch(() => {});
      await end(driver);
    },
  };
};
