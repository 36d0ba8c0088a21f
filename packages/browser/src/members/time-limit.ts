// Waits that end: a time limit for a promise, and one for a condition.

/** Settles as `work` does, or rejects after `ms` with what `late` makes. A later result is ignored. */
export const within = <Value>(ms: number, work: Promise<Value>, late: () => unknown): Promise<Value> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Ms between two checks of a condition. */
const LOOK = 50;

/** Waits until `test` is true, `ms` at most. @returns whether it is true */
export const until = async (test: () => boolean, ms: number): Promise<boolean> => {
  for (let left = ms; left > 0 && !test(); left -= LOOK) await new Promise((done) => setTimeout(done, LOOK));
  return test();
};
