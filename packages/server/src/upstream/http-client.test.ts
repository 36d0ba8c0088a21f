// The exchange at its edges: a call that may not leave any more, an answer that is too large, and the end.
import { startEmulator } from '@genesys-guest/emulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExchange, ExchangeError } from './http-client.ts';

const build = async () => {
  const emulator = await startEmulator();
  const exchange = createExchange(1);
  onTestFinished(async () => {
    await exchange.close();
    await emulator.close();
  });
  const request = { url: emulator.endpoints.oauthToken, headers: {}, body: '' };
  return { emulator, exchange, request };
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('a call that may not leave', () => {
  it('is stopped at the last moment, and the connection is kept for the next', async () => {
    const { emulator, exchange, request } = await build();
    await exchange.post(request, 5_000);
    const held = await failureOf(exchange.post(request, 5_000, () => false));
    expect(held).toMatchObject({ kind: 'held', sent: false });
    await exchange.post(request, 5_000, () => true);
    expect(emulator.stats()).toMatchObject({ oauthToken: 2, connections: { opened: 1 } });
  });

  it('does not leave after it timed out in the line for a connection', async () => {
    const { emulator, exchange, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'delay', ms: 200 });
    const first = exchange.post(request, 5_000);
    const second = await failureOf(exchange.post(request, 50));
    expect(second).toMatchObject({ kind: 'timeout', sent: false });
    await first;
    await exchange.post(request, 5_000);
    expect(emulator.stats().oauthToken).toBe(2);
  });
});

describe('an answer', () => {
  it('that is too large is not read to its end', async () => {
    const { emulator, exchange, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'huge', bytes: 2 ** 40 });
    expect(await failureOf(exchange.post(request, 5_000))).toMatchObject({ kind: 'too_large', sent: true });
    // undici opens another at once.
    await expect.poll(() => emulator.stats().connections).toEqual({ opened: 2, open: 1 });
  });

  it('that does not come was sent for all the same', async () => {
    const { emulator, exchange, request } = await build();
    emulator.fault({ call: 'oauthToken', fault: 'hang' });
    expect(await failureOf(exchange.post(request, 100))).toMatchObject({ kind: 'timeout', sent: true });
    // undici opens another at once.
    await expect.poll(() => emulator.stats().connections).toEqual({ opened: 2, open: 1 });
  });
});

it('makes no connection after it is closed', async () => {
  const { emulator, exchange, request } = await build();
  await exchange.close();
  expect(await failureOf(exchange.post(request, 5_000))).toBeInstanceOf(ExchangeError);
  expect(emulator.stats().connections.opened).toBe(0);
});
