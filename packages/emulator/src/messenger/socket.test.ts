// A connection that ends before it is there keeps nobody waiting.
import { afterEach, expect, it, vi } from 'vitest';
import { createGuestSocket, LOST } from './socket.ts';

afterEach(() => void vi.unstubAllGlobals());

it('tells who waits for it that it was closed meanwhile', async () => {
  class Connecting {
    onclose?: () => void;
    close() {
      queueMicrotask(() => this.onclose?.());
    }
  }
  vi.stubGlobal('WebSocket', Connecting);
  const lost = vi.fn();
  const socket = createGuestSocket('wss://platform.example', { frame() {}, lost });
  const connecting = socket.connect();
  socket.close();
  await expect(connecting).rejects.toBe(LOST);
  expect(lost).not.toHaveBeenCalled();
});
