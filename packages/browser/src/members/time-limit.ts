// Waiting with an end.

/** Rejects after `ms` with what `late` makes. What is late is left to itself. */
export const within = <Value>(ms: number, work: Promise<Value>, late: () => unknown): Promise<Value> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Ms between two looks at what no promise tells. */
const LOOK = 50;

/** Waits for what no promise tells, `ms` at most. */
export const until = async (test: () => boolean, ms: number): Promise<boolean> => {
  for (let left = ms; left > 0 && !test(); left -= LOOK) await new Promise((done) => setTimeout(done, LOOK));
  return test();
};
