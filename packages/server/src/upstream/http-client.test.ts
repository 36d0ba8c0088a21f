// The HTTP client at its edges: a call that may not leave any more, an answer that is too large, and the end.
import { startEmulator } from '@genesys-guest/emulator';
import type { Dispatcher } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttpClient, HttpError } from './http-client.ts';

const build = async () => {
  const emulator = await startEmulator();
  const client = createHttpClient(1);
  onTestFinished(async () => {
    await client.close();
    await emulator.close();
  });
  const request = { url: emulator.endpoints.oauthToken, headers: {}, body: '' };
  return { emulator, client, request };
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('a call that may not leave', () => {
  it('is stopped at the last moment, and the connection is kept for the next', async () => {
    const { emulator, client, request } = await build();
    await client.post(request, 5_000);
    const held = new Error('held');
    const stop = () => {
      throw held;
    };
    expect(await failureOf(client.post(request, 5_000, stop))).toBe(held);
    await client.post(request, 5_000, () => {});
    expect(emulator.stats()).toMatchObject({ oauthToken: 2, connections: { opened: 1 } });
  });

  it('does not leave after it timed out in the line for a connection', async () => {
    const { emulator, client, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'delay', ms: 200 });
    const first = client.post(request, 5_000);
    const second = await failureOf(client.post(request, 50));
    expect(second).toMatchObject({ kind: 'timeout', sent: false });
    await first;
    await client.post(request, 5_000);
    expect(emulator.stats().oauthToken).toBe(2);
  });
});

describe('an answer', () => {
  it('that is too large is not read to its end', async () => {
    const { emulator, client, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'huge', bytes: 2 ** 40 });
    expect(await failureOf(client.post(request, 5_000))).toMatchObject({ kind: 'too_large', sent: true });
    await expect.poll(() => emulator.stats().connections.open).toBe(0);
  });

  it('that does not come was sent for all the same', async () => {
    const { emulator, client, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'hang' });
    expect(await failureOf(client.post(request, 100))).toMatchObject({ kind: 'timeout', sent: true });
    await expect.poll(() => emulator.stats().connections.open).toBe(0);
  });
});

it('says so where the dispatcher of the site is not one that takes the call', async () => {
  const old = {
    dispatch: () => {
      throw Object.assign(new Error('invalid onError method'), { code: 'UND_ERR_INVALID_ARG' });
    },
  };
  const client = createHttpClient(1, old);
  const failure = await failureOf(client.post({ url: 'http://127.0.0.1:9', headers: {}, body: '' }, 5_000));
  expect(failure).toMatchObject({ kind: 'network', sent: false, cause: { code: 'UND_ERR_INVALID_ARG' } });
  await client.close();
});

it('says so where undici cannot be loaded, and closes all the same', async () => {
  const path = 'undici/lib/dispatcher/agent.js';
  vi.doMock(path, () => {
    throw new Error('not in this bundle');
  });
  onTestFinished(() => void vi.doUnmock(path));
  const client = createHttpClient(1);
  const request = { url: 'http://127.0.0.1:9', headers: {}, body: '' };
  expect(await failureOf(client.post(request, 5_000))).toMatchObject({ kind: 'network', sent: false });
  await client.close();
});

describe('an answer in pieces', () => {
  const MOST = 256 * 1024;
  /** A connection of the test's own making. */
  const answerWith = async (play: (handler: Dispatcher.DispatchHandler) => void, timeout = 5_000) => {
    const controller = { abort: vi.fn() } as unknown as Dispatcher.DispatchController;
    const dispatch = (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      handler.onRequestStart?.(controller, undefined);
      handler.onResponseStart?.(controller, 200, { a: 'b' });
      play(handler);
      return true;
    };
    const client = createHttpClient(1, { dispatch });
    const outcome = await failureOf(
      client.post({ url: 'http://127.0.0.1:9/a?b', headers: {}, body: '' }, timeout),
    );
    return { outcome, controller };
  };
  const none = {} as Dispatcher.DispatchController;

  it.each([[[]], [['Zo\u00eb']], [['{"a"', ':', '1}']]])('%j is put together', async (pieces) => {
    const { outcome } = await answerWith((handler) => {
      for (const piece of pieces) handler.onResponseData?.(none, Buffer.from(piece));
      handler.onResponseEnd?.(none, {});
    });
    expect(outcome).toEqual({ status: 200, headers: { a: 'b' }, text: pieces.join('') });
  });

  it('is taken up to its greatest length', async () => {
    const fill = (bytes: number) => (handler: Dispatcher.DispatchHandler) => {
      handler.onResponseData?.(none, Buffer.alloc(bytes, 'x'));
      handler.onResponseEnd?.(none, {});
    };
    expect((await answerWith(fill(MOST))).outcome).toMatchObject({ status: 200 });
    const { outcome, controller } = await answerWith(fill(MOST + 1));
    expect(outcome).toMatchObject({ kind: 'too_large', message: `answers with more than ${MOST} bytes` });
    expect(controller.abort).toHaveBeenCalledOnce();
  });

  it('that breaks off says so, once', async () => {
    const cause = new Error('reset');
    const { outcome } = await answerWith((handler) => {
      handler.onResponseError?.(none, cause);
      handler.onResponseError?.(none, new Error('again'));
    });
    expect(outcome).toMatchObject({
      name: 'HttpError',
      kind: 'network',
      message: 'the network failed',
      cause,
    });
  });

  it('that is not complete in time says in how much', async () => {
    const { outcome } = await answerWith(() => {}, 20.4);
    expect(outcome).toMatchObject({ kind: 'timeout', message: 'gave no complete answer within 20 ms' });
  });
});

it('makes no connection after it is closed', async () => {
  const { emulator, client, request } = await build();
  await client.close();
  const failure = await failureOf(client.post(request, 5_000));
  expect(failure).toBeInstanceOf(HttpError);
  expect(failure).toMatchObject({ kind: 'network', message: 'the connections are closed', sent: false });
  expect(emulator.stats().connections.opened).toBe(0);
});

it('is told of the end of a call once, however often its dispatcher says it', async () => {
  let handler: Dispatcher.DispatchHandler | undefined;
  const client = createHttpClient(2, {
    dispatch: (_, given) => {
      handler ??= given;
      return true;
    },
  });
  const request = { url: 'http://127.0.0.1/oauth/token', headers: {}, body: '' };
  const [first, second] = [client.post(request, 5_000), failureOf(client.post(request, 5_000))];
  const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;
  handler?.onResponseStart?.(controller, 200, {}, 'OK');
  for (let times = 0; times < 2; times += 1) handler?.onResponseEnd?.(controller, {});
  expect(await first).toMatchObject({ status: 200 });
  await client.close();
  expect(await second).toMatchObject({ message: 'the connections are closed' });
});
