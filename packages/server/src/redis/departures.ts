// When the calls of all instances leave the window, as far as this one knows: so that it can tell a caller how long.

export interface Departures {
  /** Calls that still count. */
  active(): number;
  /** One call of ours left now. */
  add(): void;
  /** Redis counts so many: others have called, or calls have left the window sooner than we thought. */
  correct(count: number): void;
  /** What Redis says of each: `step` calls leave the window after each of these milliseconds, the last with the rest. */
  replace(count: number, step: number, leaveIn: readonly number[]): void;
  /** Milliseconds until at most so many still count. */
  until(most: number): number;
}

/** Calls that leave the window within this part of it count as one: it bounds what is kept. */
const GRAIN = 1 / 240;

interface Group {
  freeAt: number;
  calls: number;
}

export const createDepartures = (window: number, now: () => number): Departures => {
  let groups: Group[] = [];
  const prune = (): void => {
    const gone = groups.findIndex(({ freeAt }) => freeAt > now());
    groups = gone < 0 ? [] : gone === 0 ? groups : groups.slice(gone);
  };
  const active = (): number => {
    prune();
    return groups.reduce((sum, { calls }) => sum + calls, 0);
  };
  const push = (calls: number): void => {
    const freeAt = now() + window;
    const last = groups.at(-1);
    if (last && freeAt - last.freeAt < window * GRAIN) {
      last.calls += calls;
      // Later rather than sooner: nobody is promised a turn too early.
      last.freeAt = freeAt;
    } else groups.push({ freeAt, calls });
  };
  /** The oldest are the ones that have gone. */
  const shift = (calls: number): void => {
    let left = calls;
    while (left > 0) {
      const first = groups[0];
      if (!first) return;
      const taken = Math.min(first.calls, left);
      first.calls -= taken;
      left -= taken;
      if (first.calls === 0) groups.shift();
    }
  };
  return {
    active,
    add: () => push(1),
    correct: (count) => {
      const known = active();
      if (count > known) push(count - known);
      else shift(known - count);
    },
    replace: (count, step, leaveIn) => {
      const at = now();
      groups = leaveIn.map((ms) => ({ freeAt: at + ms, calls: step }));
      const rest = count - leaveIn.length * step;
      if (rest > 0) groups.push({ freeAt: at + window, calls: rest });
    },
    until: (most) => {
      let left = active();
      if (left <= most) return 0;
      for (const { freeAt, calls } of groups) {
        left -= calls;
        if (left <= most) return freeAt - now();
      }
      return window;
    },
  };
};
