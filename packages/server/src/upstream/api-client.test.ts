// What is tried again and what is not, how long that may take, and what callers are told of each call.
import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { UpstreamCall } from '../observe/ports.ts';
import { testOptions } from '../testing/rig.ts';
import { ApiClient, type Operation } from './api-client.ts';
import type { Caller, UpstreamContext, UpstreamOptions } from './ports.ts';
import { nonsense, type UpstreamError } from './upstream-error.ts';

/** An answer, or none: `hang`, or the code of what the network says. */
type Script = readonly [status: number, headers?: Record<string, string>] | string;

/** Answers call after call as the script says, the last line over and over. */
const scripted = (script: readonly Script[]) => {
  let calls = 0;
  const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;
  const dispatch = (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
    const line = script[Math.min(calls, script.length - 1)] as Script;
    calls += 1;
    if (typeof line === 'string') {
      if (line !== 'hang') handler.onResponseError?.(controller, Object.assign(new Error(), { code: line }));
      else handler.onRequestStart?.(controller, undefined);
      return true;
    }
    handler.onRequestStart?.(controller, undefined);
    handler.onResponseStart?.(controller, line[0], line[1] ?? {});
    handler.onResponseData?.(controller, Buffer.from('bo'));
    handler.onResponseData?.(controller, Buffer.from('dy'));
    handler.onResponseEnd?.(controller, {});
    return true;
  };
  return { dispatcher: { dispatch }, calls: () => calls };
};

const build = (
  script: readonly Script[],
  options: Partial<UpstreamOptions> = {},
  context: Partial<UpstreamContext> = {},
) => {
  const { dispatcher, calls } = scripted(script);
  const client = new ApiClient(
    // A client of its own: who shares one shares its calls and pauses.
    { ...testOptions(), clientId: randomUUID(), dispatcher, ...options },
    { now: () => Date.now(), random: () => 1, ...context },
  );
  onTestFinished(() => client.close());
  const told: UpstreamCall[] = [];
  const ask = (operation: Partial<Operation<string, string>> = {}, caller: Partial<Caller> = {}) =>
    client
      .request(
        {
          call: 'guest-tokens',
          credential: async () => 'credential',
          build: () => ({ url: 'https://api.example.com/path?query', headers: {}, body: '' }),
          read: ({ text }) => text,
          refused: () => '',
          ...operation,
        },
        { priority: 'known', deadline: Date.now() + 15_000, onCall: (call) => told.push(call), ...caller },
      )
      .catch((error: unknown) => error);
  return { client, ask, told, calls };
};

const failureOf = (error: unknown) => (error as UpstreamError).failure;

describe('a call', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it.each([200, 201])('that is answered with %i is read, and leaves no doubt', async (status) => {
    const { ask, told } = build([[status]]);
    expect(await ask()).toStrictEqual({ result: 'body', doubt: undefined });
    expect(told).toMatchObject([{ call: 'guest-tokens', status, failure: undefined }]);
  });

  it.each([202, 204, 302])('that is answered with %i is none that can be read', async (status) => {
    const { ask } = build([[status]]);
    const asked = ask({}, { deadline: Date.now() + 100 });
    await vi.advanceTimersByTimeAsync(100);
    expect(failureOf(await asked)).toMatchObject({ kind: 'transient', status });
  });

  it('is told of with when it left, how long it took and how long it had waited', async () => {
    const { ask, told, client } = build(['hang'], { timeout: 700 });
    client.window.pause(2_000);
    const asked = ask({}, { deadline: Date.now() + 2_900 });
    await vi.advanceTimersByTimeAsync(4_000);
    await asked;
    const [call] = told;
    expect(call?.latencyMs).toBe(700);
    expect(call?.waitedMs).toBeGreaterThanOrEqual(2_000);
    expect(call?.startedAt).toBe(1_000_000 + (call?.waitedMs ?? 0));
    expect(call?.failure).toMatchObject({ kind: 'transient', reason: expect.stringContaining('timeout') });
  });

  it('ends with its caller, where that is sooner than its own time limit', async () => {
    const { ask } = build(['hang'], { timeout: 5_000 });
    const settled = vi.fn();
    void ask({}, { deadline: Date.now() + 800 }).then(settled);
    await vi.advanceTimersByTimeAsync(799);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(failureOf(settled.mock.calls[0]?.[0])).toMatchObject({
      reason: expect.stringContaining('800 ms'),
    });
  });

  it.each([
    ['guest-tokens', [[300, 290, 20_000]]],
    ['oauth', []],
  ] as const)('of %s is counted as the platform counts', async (call, learnt) => {
    const learn = vi.fn();
    const slidingWindow = { ...{ take: () => 0, giveBack: () => {}, pause: () => {} }, learn };
    const headers = {
      'inin-ratelimit-count': '10',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '20',
    };
    const window = { ...slidingWindow, forecast: () => 0, left: 1 };
    await build([[200, headers]], {}, { slidingWindow: window }).ask({ call });
    expect(learn.mock.calls).toEqual(learnt);
  });
});

/** Tries again at once. */
const atOnce = { random: () => 0 };

describe('what may pass is tried again', () => {
  it('at growing distances', async () => {
    const { ask, told } = build([[500], 'ECONNRESET', [200]]);
    expect(await ask()).toMatchObject({ result: 'body' });
    const [first = 0, second = 0, third = 0] = told.map(({ startedAt }) => startedAt);
    expect(second - first).toBeGreaterThanOrEqual(199);
    expect(third - second).toBeGreaterThanOrEqual(399);
  });

  it('not before the platform wants it', async () => {
    const { ask, told } = build([[503, { 'retry-after': '1' }], [200]], {}, atOnce);
    expect(await ask()).toMatchObject({ result: 'body' });
    const [first = 0, second = 0] = told.map(({ startedAt }) => startedAt);
    expect(second - first).toBeGreaterThanOrEqual(999);
  });

  it('but not where the wait would pass the deadline', async () => {
    const { ask, calls } = build([[500]]);
    expect(failureOf(await ask({}, { deadline: Date.now() + 150 }))).toMatchObject({ status: 500 });
    expect(calls()).toBe(1);
  });

  it('for nobody who has hung up', async () => {
    const { ask, calls } = build([[500]]);
    const hangUp = new AbortController();
    const error = await ask({}, { signal: hangUp.signal, onCall: () => hangUp.abort() });
    expect(failureOf(error)).toMatchObject({ status: 500 });
    expect(calls()).toBe(1);
  });

  it.each([
    ['who hangs up meanwhile', (hangUp: AbortController) => hangUp.abort()],
    ['whose client is closed', (_: AbortController, client: ApiClient) => void client.close()],
  ])('without keeping one waiting %s', async (_what, end) => {
    const { ask, client, told } = build([[503, { 'retry-after': '600' }]]);
    const hangUp = new AbortController();
    const settled = vi.fn();
    void ask({}, { signal: hangUp.signal, deadline: Number.POSITIVE_INFINITY }).then(settled);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(settled).not.toHaveBeenCalled();
    end(hangUp, client);
    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
  });

  it('by many at once, without a warning of Node', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const { ask } = build([[503]]);
    await Promise.all(Array.from({ length: 12 }, () => ask({}, { deadline: Date.now() + 300 })));
    expect(warnings).toEqual([]);
  });

  it('and says why it failed, where no further try may leave', async () => {
    const { ask, calls } = build([[500]], { perMinute: 1 }, atOnce);
    expect(failureOf(await ask())).toMatchObject({ status: 500 });
    expect(calls()).toBe(1);
  });

  it('and says why it failed, where the time is over before the next answer', async () => {
    const { ask, calls } = build([[500], 'hang'], {}, atOnce);
    expect(failureOf(await ask({}, { deadline: Date.now() + 50 }))).toMatchObject({ status: 500 });
    expect(calls()).toBe(2);
  });

  it.each([
    [504, { result: 'body', doubt: 'HTTP 504; it may have issued a token all the same' }],
    [503, { result: 'body', doubt: undefined }],
  ])('with a doubt where a try with %i may have done its work', async (status, outcome) => {
    const { ask } = build([[status], [200]], {}, atOnce);
    expect(await ask()).toStrictEqual(outcome);
  });
});

describe('not tried again', () => {
  it.each([400, 403, 404])('is what is refused for good: %i', async (status) => {
    const { ask, calls } = build([[status]]);
    expect(failureOf(await ask())).toMatchObject({ kind: 'final', status });
    expect(calls()).toBe(1);
  });

  it('is the call for its credential, which has had tries of its own', async () => {
    const { ask, calls } = build([[200]]);
    const failed = nonsense('oauth', { status: 200, headers: {}, text: '' }, 'none');
    const credential = vi.fn(() => Promise.reject(failed));
    expect(await ask({ credential })).toBe(failed);
    expect([credential.mock.calls.length, calls()]).toEqual([1, 0]);
  });

  it('is what is no failure of the platform', async () => {
    const bug = new TypeError('a bug');
    const { ask, calls } = build([[200]]);
    const read = () => {
      throw bug;
    };
    expect(await ask({ read })).toBe(bug);
    expect(calls()).toBe(1);
  });
});

describe('a credential that is not taken', () => {
  it('is asked for again, once and at once', async () => {
    const credential = vi.fn(async () => 'credential');
    const refused = vi.fn(() => 'The secret is old. ');
    const { ask, calls } = build([[401]]);
    const error = await ask({ credential, refused });
    expect(failureOf(error)).toMatchObject({
      kind: 'credentials',
      fix: expect.stringMatching(/^The secret is old/),
    });
    expect([credential.mock.calls.length, calls()]).toEqual([2, 2]);
    expect(refused.mock.calls).toEqual([
      ['credential', 401],
      ['credential', 401],
    ]);
  });

  it('does not use up the tries of what may pass', async () => {
    const { ask, calls } = build([[401], [500], [200]], {}, atOnce);
    expect(await ask()).toMatchObject({ result: 'body' });
    expect(calls()).toBe(3);
  });
});

it('who waits for a turn is told when the platform is taken to be down, and does not wait on', async () => {
  const { ask, client, calls } = build([[500]], { concurrency: 1, perMinute: 300 });
  const deadline = Date.now() + 150;
  const failed = Array.from({ length: 10 }, () => ask({}, { deadline }));
  const waiting = Array.from({ length: 5 }, () => ask());
  await Promise.all(failed);
  expect(await Promise.all(waiting)).toMatchObject(waiting.map(() => ({ code: 'upstream_unavailable' })));
  expect([client.breaker.state, client.waiting]).toEqual(['open', 0]);
  // The one that had its turn already.
  expect(calls()).toBeLessThanOrEqual(11);
});

it('says how many wait', async () => {
  const { ask, client } = build(['hang'], { concurrency: 1 });
  for (let i = 0; i < 3; i += 1) void ask();
  await vi.waitFor(() => expect(client.waiting).toBe(2));
});
