// A platform that is down gets a probe now and then; what it refuses is an answer.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { type Failure, limited, UpstreamError, unavailable } from './upstream-error.ts';

const failure = (kind: Failure['kind'], status?: number) =>
  new UpstreamError({ kind, call: 'guest-tokens', reason: 'the cause', fix: 'Do this.', status });

const build = (random: () => number = () => 0) => {
  const clock = { at: 0 };
  const opened: GuestTokenError[] = [];
  const breaker = createCircuitBreaker(
    () => clock.at,
    random,
    (error) => void opened.push(error),
  );
  let calls = 0;
  const run = async (work: () => Promise<string>): Promise<unknown> => {
    let isProbe: boolean;
    try {
      isProbe = breaker.began();
    } catch (error) {
      return error;
    }
    calls += 1;
    try {
      const result = await work();
      breaker.ended(isProbe);
      return result;
    } catch (error) {
      breaker.ended(isProbe, error);
      return error;
    }
  };
  const fail = (error: Error) => run(() => Promise.reject(error));
  return {
    breaker,
    clock,
    opened,
    run,
    fail,
    get calls() {
      return calls;
    },
    breakIt: async () => {
      for (let i = 0; i < 10; i += 1) await fail(failure('transient', 503));
    },
  };
};

describe('opening', () => {
  it('opens after ten failures in a row, and says so once', async () => {
    const { breaker, fail, opened } = build();
    for (let i = 0; i < 9; i += 1) await fail(failure('transient'));
    expect(breaker.state).toBe('closed');
    await fail(failure('transient'));
    expect(breaker.state).toBe('open');
    expect(opened).toHaveLength(1);
    expect(opened[0]?.message).toContain('the cause. Do this.');
  });

  it.each([
    ['a refusal', failure('final', 403)],
    ['a 429', failure('limited', 429)],
    ['a 408', failure('transient', 408)],
    ['a 409', failure('transient', 409)],
    ['a 401', failure('credentials', 401)],
    ["the site's own fault", failure('host')],
    ['no turn', limited('no turn', 1)],
  ])('is not opened by %s', async (_name, error) => {
    const { breaker, fail, calls } = build();
    for (let i = 0; i < 100; i += 1) expect(await fail(error)).toBe(error);
    expect(breaker.state).toBe('closed');
    expect(calls).toBe(0);
  });

  it('counts anew after an answer, be it a refusal', async () => {
    const { breaker, fail } = build();
    for (let i = 0; i < 9; i += 1) await fail(failure('transient'));
    await fail(failure('final', 400));
    await fail(failure('transient'));
    expect(breaker.state).toBe('closed');
  });
});

describe('while the platform is down', () => {
  it('lets one of a crowd go to see, at growing distances', async () => {
    const rig = build();
    await rig.breakIt();
    const probes: number[] = [];
    for (rig.clock.at = 1; rig.clock.at <= 120_000; rig.clock.at += 100) {
      const before = rig.calls;
      await Promise.all(Array.from({ length: 20 }, () => rig.fail(failure('transient', 503))));
      if (rig.calls > before) probes.push(rig.calls - before);
    }
    expect(new Set(probes)).toEqual(new Set([1]));
    // 0.5, 1, 2, 4, 8 s and then every 15 s, as the jitter is 0 here.
    expect(probes).toHaveLength(11);
  });

  it('refuses at once, with the seconds until the next probe', async () => {
    const rig = build();
    await rig.breakIt();
    expect(await rig.run(async () => 'no')).toMatchObject({ code: 'upstream_unavailable', retryAfter: 2 });
  });

  it('does not let those who come during the probe wait for it and rush', async () => {
    const rig = build();
    await rig.breakIt();
    rig.clock.at = 1_000;
    let answer: (value: string) => void = () => {};
    const probe = rig.run(() => new Promise((resolve) => (answer = resolve)));
    const crowd = await Promise.all(Array.from({ length: 10 }, () => rig.run(async () => 'rushed')));
    expect(crowd.every((error) => error instanceof GuestTokenError)).toBe(true);
    answer('it is back');
    expect(await probe).toBe('it is back');
    expect(rig.breaker.state).toBe('closed');
    expect(await rig.run(async () => 'served')).toBe('served');
  });

  it.each([
    ['had no turn', limited('no turn', 1)],
    ['hung up', unavailable('hung up')],
    ['met a fault of the site', failure('host')],
  ])('stays open where the probe %s', async (_name, error) => {
    const rig = build();
    await rig.breakIt();
    rig.clock.at = 1_000;
    await rig.fail(error);
    expect(rig.breaker.state).toBe('open');
  });

  it('takes a refusal for a sign of life', async () => {
    const rig = build();
    await rig.breakIt();
    rig.clock.at = 1_000;
    await rig.fail(failure('limited', 429));
    expect(rig.breaker.state).toBe('closed');
  });

  it('says what the probe is, and lets the next go exactly when it is due', async () => {
    const rig = build();
    await rig.breakIt();
    rig.clock.at = 499;
    expect(await rig.run(async () => 'too early')).toBeInstanceOf(GuestTokenError);
    rig.clock.at = 500;
    let answer: (value: string) => void = () => {};
    const probe = rig.run(() => new Promise((resolve) => (answer = resolve)));
    expect(rig.breaker.state).toBe('half-open');
    answer('back');
    expect(await probe).toBe('back');
  });

  it('a refused probe tells the seconds from now, and the id of the last failure', async () => {
    const rig = build();
    rig.clock.at = 1_000_000;
    const correlationId = '2f4c1b0e-9d1a-4a6e-8c55-0a1b2c3d4e5f';
    const last = new UpstreamError({ ...failure('transient', 500).failure, correlationId });
    for (let i = 0; i < 10; i += 1) await rig.fail(last);
    expect(rig.breaker.state).toBe('open');
    expect(await rig.run(async () => 'no')).toMatchObject({ retryAfter: 2, correlationId });
  });
});
