// A client of the guest socket for tests: sends actions, and keeps the frames that come.
import { WebSocket } from 'ws';
import type { Frame } from './frames.ts';

export interface Client extends Disposable {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** Sends an action as it is. */
  send(request: Record<string, unknown> | string): void;
  /** Sends an action, and waits for the frame that answers it. */
  ask(action: string, more?: Record<string, unknown>): Promise<Frame>;
  /** Waits for the first frame that `good` takes. */
  next(good: (frame: Frame) => boolean): Promise<Frame>;
  /** Settles when the connection is over. */
  readonly closed: Promise<number>;
}

export const connectClient = async (
  url: string,
  token = 'session-1',
  deploymentId = 'd1',
): Promise<Client> => {
  const socket = new WebSocket(
    `${url.replace(/^http/, 'ws')}/v1?deploymentId=${deploymentId}&application=test`,
  );
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  let traces = 0;
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    for (const look of [...waiting]) look();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  const next = (good: (frame: Frame) => boolean) =>
    new Promise<Frame>((resolve) => {
      const look = () => {
        const found = frames.find(good);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const send = (request: Record<string, unknown> | string) =>
    socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  return {
    socket,
    frames,
    closed,
    send,
    next,
    ask(action, more = {}) {
      traces += 1;
      const tracingId = `trace-${traces}`;
      send({ action, token, deploymentId, startNew: false, tracingId, ...more });
      return next((frame) => frame.tracingId === tracingId);
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
};

/** A text that a visitor sends, with what their page says of them. */
export const said = (text: string, customAttributes?: Record<string, unknown>) => ({
  message: { type: 'Text', text, ...(customAttributes && { channel: { metadata: { customAttributes } } }) },
});

export const presenceMessage = (type: string) => ({
  message: { type: 'Event', events: [{ eventType: 'Presence', presence: { type } }] },
});
