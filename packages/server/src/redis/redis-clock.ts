// Redis' clock as this instance reads it: instances' own clocks need not agree, and what one writes others judge.

export interface RedisClock {
  /** Redis said that it was this time, asked at `askedAt` of this instance's clock. */
  learn(time: number, askedAt: number): void;
  /** Milliseconds of this instance's clock, by Redis'. */
  toRedis(at: number): number;
  toLocal(at: number): number;
}

export const createRedisClock = (): RedisClock => {
  let ahead = 0;
  return {
    learn: (time, askedAt) => {
      // From before it was asked: then nothing is thought to live longer than it does.
      if (Number.isFinite(time)) ahead = time - askedAt;
    },
    toRedis: (at) => Math.round(at + ahead),
    toLocal: (at) => at - ahead,
  };
};
