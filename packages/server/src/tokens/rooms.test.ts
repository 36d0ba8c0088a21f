// What the token service asks of the rooms below it, and tells them: whose turn, how long, and in which order they end.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { GuestToken, IssueOptions } from '../store/ports.ts';
import { testOptions, WEBCHAT } from '../testing/rig.ts';
import type { CallerOptions, TokenOptions } from './ports.ts';
import { TokenService, type TokenServiceContext } from './token-service.ts';

const anna = { externalId: 'anna', attributes: { plan: 'gold' } };
const HOUR = 3_600_000;

const tokenUntil = (expiresAt: number, issuedAt = 0): GuestToken => ({
  token: `until ${expiresAt}`,
  externalId: 'anna',
  webchatId: WEBCHAT,
  attributes: anna.attributes,
  issuedAt,
  expiresAt,
});

const build = (options: Partial<TokenOptions> = {}) => {
  const clock = { at: 0 };
  const now = () => clock.at;
  const store = memoryStore().open({ now, onInvalidate: () => {} });
  const issue = vi.fn<TokenServiceContext['upstream']['issue']>(async () => ({
    token: tokenUntil(clock.at + HOUR, clock.at),
    doubt: undefined,
  }));
  const ended: string[] = [];
  const upstream = { issue, close: async () => void ended.push('upstream') };
  const told = { onCall: vi.fn(), succeeded: vi.fn(), failed: vi.fn() };
  const observer = {
    issueStarted: vi.fn(() => told),
    count: vi.fn(),
    forgotten: vi.fn(),
    erase: vi.fn(async () => {}),
    close: vi.fn(async (_timeout: number) => void ended.push('observer')),
  };
  const kept = { ...store, close: async () => void ended.push('store') };
  const service = new TokenService({ ...testOptions(), ...options }, {
    now,
    store: kept,
    upstream,
    observer,
  } as unknown as TokenServiceContext);
  const calls = () => issue.mock.calls.map(([, caller]) => caller);
  return { clock, service, store: kept, issue, told, observer, ended, calls };
};

const failing = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('whose turn it is', () => {
  it.each<[CallerOptions, string]>([
    [{}, 'newcomer'],
    [{ priority: 'frequent' }, 'frequent'],
    [{ priority: 'known' }, 'known'],
  ])('of a caller without a token who is %j: %s', async (caller, priority) => {
    const { service, calls } = build();
    await service.renew(WEBCHAT, anna, { ...caller, mayAge: true });
    expect(calls()).toMatchObject([{ priority, expiresAt: undefined, deadline: 15_000 }]);
  });

  it('who has a token is known, and goes by its expiry', async () => {
    const { service, clock, calls } = build();
    await service.renew(WEBCHAT, anna, { priority: 'frequent', mayAge: true });
    clock.at = HOUR - 1_000;
    await service.renew(WEBCHAT, anna, { priority: 'frequent' });
    expect(calls()[1]).toMatchObject({ priority: 'known', expiresAt: HOUR, deadline: clock.at + 15_000 });
  });
});

describe('what is at hand', () => {
  it('is judged also where the store has to ask', async () => {
    const { service, store, clock } = build();
    store.find = async () => tokenUntil(HOUR);
    expect(await service.find(WEBCHAT, anna)).toEqual({ state: 'fresh', token: tokenUntil(HOUR) });
    clock.at = HOUR;
    expect(await service.find(WEBCHAT, anna)).toEqual({ state: 'expired', token: undefined });
  });

  it('may change with the attributes from 300 s on', async () => {
    const { service, clock } = build();
    const { token } = await service.renew(WEBCHAT, anna, { mayAge: true });
    const plain = { externalId: 'anna' };
    clock.at = 299_999;
    expect(await service.find(WEBCHAT, plain)).toEqual({ state: 'fresh', token });
    clock.at = 300_000;
    expect(await service.find(WEBCHAT, plain)).toEqual({ state: 'changed', token });
  });

  it('what another instance has issued will do while it is fresh', async () => {
    const { service, store, clock } = build();
    let asked: IssueOptions['suffices'] | undefined;
    store.issue = async (_key, { suffices, issue }) => {
      asked = suffices;
      return issue();
    };
    await service.renew(WEBCHAT, anna, { mayAge: true });
    clock.at = 1_000;
    expect(asked?.(tokenUntil(HOUR))).toBe(true);
    expect(asked?.(tokenUntil(clock.at + 1, clock.at - HOUR))).toBe(false);
  });

  it('is under way for one guest of one deployment', async () => {
    const { service } = build();
    const call = service.renew(WEBCHAT, anna, { mayAge: true });
    await Promise.resolve();
    expect(service.isIssuing(WEBCHAT, anna)).toBe(true);
    expect(service.isIssuing('another', anna)).toBe(false);
    expect(service.isIssuing(WEBCHAT, { externalId: 'bert' })).toBe(false);
    await call;
    expect(service.isIssuing(WEBCHAT, anna)).toBe(false);
  });
});

describe('what the observer hears', () => {
  it('counts answers from the cache by their state', async () => {
    const { service, clock, observer } = build();
    await service.renew(WEBCHAT, anna, { mayAge: true });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    clock.at = HOUR - 1_000;
    await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(observer.count.mock.calls).toEqual(['fresh', 'ageing'].map((state) => ['cacheStates', state]));
  });

  it('an issue from its start to its end, under the trace of its caller', async () => {
    const { service, clock, observer, told, issue } = build();
    const trace = {} as NonNullable<CallerOptions['trace']>;
    clock.at = 1_000;
    issue.mockImplementationOnce(async () => {
      clock.at += 70;
      return { token: tokenUntil(HOUR), doubt: 'timeout' };
    });
    await service.renew(WEBCHAT, anna, { trace, mayAge: true });
    const subject = { externalId: 'anna', webchatId: WEBCHAT, attributesCount: 1 };
    expect(observer.issueStarted).toHaveBeenLastCalledWith('ISSUED', subject, trace);
    expect(told.succeeded).toHaveBeenCalledWith(`until ${HOUR}`, 70, 'timeout');
    clock.at = HOUR - 1_000;
    issue.mockImplementationOnce(() => {
      clock.at += 30;
      return Promise.reject(new GuestTokenError('upstream_rejected', 'no'));
    });
    await service.renew(WEBCHAT, anna, { trace, mayAge: true });
    await vi.waitFor(() => expect(told.failed).toHaveBeenCalled());
    expect(observer.issueStarted).toHaveBeenLastCalledWith('RENEWED', subject, trace);
    expect(told.failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'upstream_rejected' }), 30);
  });

  it('whom it forgets, and nothing of one of whom nothing was held', async () => {
    const { service, observer } = build();
    expect(await service.forget(WEBCHAT, 'anna', HOUR)).toBe(false);
    expect(observer.forgotten).not.toHaveBeenCalled();
    expect(service.isRevoked(WEBCHAT, 'anna')).toBe(false);
    await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(await service.forget(WEBCHAT, 'anna', HOUR)).toBe(true);
    expect(observer.forgotten.mock.calls).toEqual([
      ['FORGOTTEN', { externalId: 'anna', webchatId: WEBCHAT }],
    ]);
    expect(service.isRevoked(WEBCHAT, 'anna')).toBe(true);
    expect(service.isRevoked('another', 'anna')).toBe(false);
  });

  it('a member, whose cookie is none of ours, is not marked', async () => {
    const { service } = build();
    await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(await service.forget(WEBCHAT, 'anna')).toBe(true);
    expect(service.isRevoked(WEBCHAT, 'anna')).toBe(false);
  });
});

describe('where none can be had', () => {
  const paced = () => Promise.reject(new GuestTokenError('upstream_limited', 'later', { retryAfter: 7 }));

  it('says when the platform wants to be asked again, with the old token', async () => {
    const { service, clock, issue } = build();
    const { token } = await service.renew(WEBCHAT, anna, { mayAge: true });
    clock.at = HOUR - 1_000;
    issue.mockImplementationOnce(paced);
    expect(await service.renew(WEBCHAT, anna)).toEqual({ token, renewIn: 7 });
  });

  it('does not give one that has expired meanwhile', async () => {
    const { service, clock, issue } = build();
    await service.renew(WEBCHAT, anna, { mayAge: true });
    clock.at = HOUR - 1_000;
    issue.mockImplementationOnce(() => {
      clock.at = HOUR;
      return paced();
    });
    expect(await failing(service.renew(WEBCHAT, anna))).toMatchObject({ code: 'upstream_limited' });
  });

  it.each<[string, (rig: ReturnType<typeof build>) => unknown, object]>([
    [
      'something unforeseen fails',
      ({ issue }) => issue.mockRejectedValue(new TypeError('secret')),
      { message: 'The call failed before it left', retryAfter: 5 },
    ],
    [
      'tokens are switched off',
      ({ service }) => Object.assign(service.options, { source: 'none' }),
      { message: 'Guest tokens are switched off (`source`)', retryAfter: 300 },
    ],
    [
      'it is closed',
      ({ service }) => service.close(),
      { message: 'The guest tokens are closed', retryAfter: 5 },
    ],
  ])('says so when %s', async (_name, breaks, problem) => {
    const rig = build();
    await breaks(rig);
    const failure = await failing(rig.service.renew(WEBCHAT, anna));
    expect(failure).toMatchObject({ code: 'upstream_unavailable', ...problem });
  });

  it('an erasure that the shared store did not hear of asks to be repeated', async () => {
    const { service, store, observer } = build();
    store.erase = () => Promise.reject(new Error('the store is away'));
    expect(await failing(service.erase('anna'))).toMatchObject({
      code: 'store_unavailable',
      message:
        'Erased here; the shared store does not answer, or was written with other `secrets`. Ask again',
      retryAfter: 5,
    });
    expect(observer.erase).toHaveBeenCalledWith('anna');
  });
});

describe('close', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets others join what is under way', async () => {
    const { service, issue, ended } = build();
    let land = () => {};
    issue.mockImplementationOnce(
      () => new Promise((resolve) => (land = () => resolve({ token: tokenUntil(HOUR), doubt: undefined }))),
    );
    const first = service.renew(WEBCHAT, anna);
    await vi.waitFor(() => expect(issue).toHaveBeenCalled());
    const closed = service.close();
    const second = service.renew(WEBCHAT, anna);
    await Promise.resolve();
    expect(ended).toEqual([]);
    land();
    expect((await second).token).toBe((await first).token);
    await closed;
    expect(ended).toEqual(['upstream', 'observer', 'store']);
  });

  it('gives what hangs three quarters of the time, and the events the rest', async () => {
    vi.useFakeTimers();
    const { service, store, ended, observer } = build();
    let breakOff = (_error: Error) => {};
    store.issue = () => new Promise((_resolve, reject) => (breakOff = reject));
    const hung = failing(service.renew(WEBCHAT, anna));
    await vi.advanceTimersByTimeAsync(0);
    const closed = service.close({ timeout: 4_000 });
    await vi.advanceTimersByTimeAsync(2_999);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(['upstream']);
    breakOff(new Error('closed'));
    await closed;
    await hung;
    expect(ended).toEqual(['upstream', 'observer', 'store']);
    expect(observer.close).toHaveBeenCalledWith(1_000);
  });
});
