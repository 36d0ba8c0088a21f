// Who asks: one tab of many. Where the browser cannot do that, each tab for itself.

/** Ms for which nobody else gets a turn after ours: our answer may still be on its way to the other tabs. */
const ON_THE_WAY = 200;

const linger = () => new Promise<void>((resolve) => setTimeout(resolve, ON_THE_WAY));

/** Runs `work` unless another tab is at it: then answers nothing, at once. Never waits, never steals. */
export const takeTurn = (name: string, work: () => Promise<unknown>): Promise<unknown> =>
  new Promise((resolve) => {
    let begun = false;
    const begin = async (lock: unknown) => {
      begun = true;
      const done = lock ? work() : undefined;
      resolve(done?.then(() => lock));
      await done?.then(linger, () => {});
    };
    // Without locks nobody else can be at it.
    const alone = async () => begun || begin(true);
    try {
      navigator.locks.request(name, { ifAvailable: true }, begin).catch(alone);
    } catch {
      alone();
    }
  });
