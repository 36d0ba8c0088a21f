// Who asks: one tab of many. Where the browser cannot do that, each tab for itself.

/** Runs `work` unless another tab is at it: then answers nothing, at once. Never waits, never steals. */
export const takeTurn = async (name: string, work: () => Promise<unknown>): Promise<unknown> => {
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
};
