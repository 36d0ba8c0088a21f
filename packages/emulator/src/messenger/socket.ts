// The connection to the guest socket: requests and their answers, everything else that comes, and coming back.
import type { Frame } from './wire.ts';

export interface GuestSocket {
  readonly connected: boolean;
  /** Connects, if need be. Rejects where that fails. */
  connect(): Promise<void>;
  /** Sends an action; resolves with the frame that answers it, a refusal included. Rejects where the connection ends first. */
  ask(action: string, request: Readonly<Record<string, unknown>>): Promise<Frame>;
  /** Sends an action that is answered by news alone. */
  tell(action: string, request: Readonly<Record<string, unknown>>): void;
  /** Ends the connection on purpose. */
  close(): void;
}

export interface SocketListener {
  /** Everything that comes, answers included. */
  frame(frame: Frame): void;
  /** The connection ended, and not on purpose. */
  lost(): void;
}

export const LOST = 'The connection to the platform was lost';

export const createGuestSocket = (url: string, listener: SocketListener): GuestSocket => {
  const waiting = new Map<string, { resolve(frame: Frame): void; reject(reason: unknown): void }>();
  let socket: WebSocket | undefined;
  let opening: Promise<void> | undefined;

  const drop = (which: WebSocket): boolean => {
    if (socket !== which) return false;
    socket = undefined;
    opening = undefined;
    for (const { reject } of waiting.values()) reject(LOST);
    waiting.clear();
    return true;
  };
  const receive = (text: string) => {
    const frame = parse(text);
    if (frame === undefined) return;
    listener.frame(frame);
    const asked = waiting.get(frame.tracingId ?? '');
    waiting.delete(frame.tracingId ?? '');
    asked?.resolve(frame);
  };
  const open = () =>
    new Promise<void>((resolve, reject) => {
      const fresh = new WebSocket(url);
      socket = fresh;
      let connected = false;
      fresh.onopen = () => {
        connected = true;
        resolve();
      };
      fresh.onmessage = ({ data }) => receive(String(data));
      fresh.onclose = () => {
        const isLost = drop(fresh);
        // Also where it was ended on purpose: whoever waits for it would wait for ever.
        if (!connected) reject(LOST);
        else if (isLost) listener.lost();
      };
    });
  const send = (action: string, request: Readonly<Record<string, unknown>>) =>
    socket?.send(JSON.stringify({ action, ...request }));

  return {
    get connected() {
      return socket !== undefined;
    },
    connect() {
      opening ??= open();
      return opening;
    },
    ask: (action, request) =>
      new Promise((resolve, reject) => {
        const tracingId =
          typeof request['tracingId'] === 'string' ? request['tracingId'] : crypto.randomUUID();
        if (socket === undefined) return reject(LOST);
        waiting.set(tracingId, { resolve, reject });
        send(action, { ...request, tracingId });
      }),
    tell: send,
    close() {
      const last = socket;
      if (last === undefined) return;
      drop(last);
      last.close();
    },
  };
};

const parse = (text: string): Frame | undefined => {
  try {
    const value = JSON.parse(text) as Frame | null;
    return typeof value?.class === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};
