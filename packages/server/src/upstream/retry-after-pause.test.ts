// What the platform says of waiting holds for all calls.
import { describe, expect, it } from 'vitest';
import { createRetryAfterPause } from './retry-after-pause.ts';
import type { Failure } from './upstream-error.ts';

const build = (random = 0) => {
  const clock = { at: 0 };
  const paused: number[] = [];
  const pause = createRetryAfterPause(
    { pause: (ms) => void paused.push(ms) },
    () => clock.at,
    () => random,
  );
  const heed = (failure: Partial<Failure>) =>
    pause.heed({ kind: 'limited', retryAfter: undefined, ...failure });
  return { clock, paused, pause, heed };
};

describe('a pause', () => {
  it('hold back what has its turn already', () => {
    const { clock, pause, heed } = build();
    expect(pause.active).toBe(false);
    heed({ retryAfter: 2 });
    clock.at = 1_999;
    expect(pause.active).toBe(true);
    clock.at = 2_000;
    expect(pause.active).toBe(false);
  });

  it('take any Retry-After, also that of a platform that is down', () => {
    const { paused, heed } = build();
    heed({ kind: 'transient', status: 503, retryAfter: 7 });
    expect(paused).toEqual([7_000]);
  });

  it('last a little longer than told, never less', () => {
    const { paused, heed } = build(0.999);
    heed({ retryAfter: 1 });
    expect(paused[0]).toBeGreaterThan(1_000);
    expect(paused[0]).toBeLessThanOrEqual(1_500);
  });

  it('grow where no time is named, once for all calls under way, until one succeeds', () => {
    const { clock, paused, pause, heed } = build();
    for (let round = 0; round < 7; round += 1) {
      for (let together = 0; together < 3; together += 1) heed({});
      clock.at += paused.at(-1) ?? 0;
    }
    const rounds = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    expect(paused).toEqual(rounds.flatMap((ms) => [ms, ms, ms]));
    pause.relax();
    heed({ retryAfter: 0 });
    expect(paused.at(-1)).toBe(1_000);
  });

  it('are not made by what names none and is no 429', () => {
    const { paused, heed } = build();
    heed({ kind: 'transient', status: 500 });
    heed({ kind: 'final', status: 403 });
    expect(paused).toEqual([]);
  });
});
