// Who asks: one tab of many, which tells the others what it got. Where the browser cannot do that, each tab for itself.

export interface Tabs {
  /** Tells the other tabs, also after the end. */
  post(message: unknown): void;
  /** Runs `work` unless another tab is at it: then answers nothing, at once. Never waits, never steals. */
  turn(work: () => Promise<unknown>): Promise<unknown>;
}

/** @param name the same for all tabs that belong together, and for no others */
export const joinTabs = (name: string, signal: AbortSignal, onMessage: (message: never) => void): Tabs => {
  let channel: BroadcastChannel | undefined;
  try {
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => onMessage(data as never);
    signal.addEventListener('abort', channel.close.bind(channel));
  } catch {
    // An old browser, or an origin that may share nothing.
  }
  return {
    post(message) {
      (channel && signal.aborted ? new BroadcastChannel(name) : channel)?.postMessage(message);
    },
    async turn(work) {
      let free: unknown;
      const begin = (lock: unknown) => {
        free = lock;
        return lock && work();
      };
      try {
        await navigator.locks.request(name, { ifAvailable: true }, begin);
      } catch (error) {
        if (free) throw error;
        // Without locks nobody else can be at it.
        await begin(true);
      }
      return free;
    },
  };
};
