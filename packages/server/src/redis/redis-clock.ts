// Redis' clock as seen by this instance. Instances' own clocks may differ, so times in Redis are by Redis' clock.

/** Milliseconds: as much as a command may take. */
const DRIFT = 250;

export class RedisClock {
  #ahead: number | undefined;

  /** Redis said that it was this time, asked at `askedAt` of this instance's clock. */
  learn(time: number, askedAt: number): void {
    const sample = time - askedAt;
    // A sample is too high by the time that the answer took, so the lowest is the best, until clocks have drifted.
    if (this.#ahead === undefined || sample < this.#ahead || sample - this.#ahead > DRIFT)
      this.#ahead = sample;
  }

  /** Milliseconds of this instance's clock, by Redis'. */
  toRedis(at: number): number {
    return Math.round(at + (this.#ahead ?? 0));
  }

  toLocal(at: number): number {
    return at - (this.#ahead ?? 0);
  }
}
