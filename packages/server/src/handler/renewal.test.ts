// Patience ends before the call does.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import type { GuestToken } from '../store/ports.ts';
import { fakeHandlerOptions, fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { WEBCHAT } from '../testing/rig.ts';
import { createConfigWriter, publicConfig } from '../tokens/onboarding-config.ts';
import { createRenewal } from './renewal.ts';

const guest = { externalId: 'member-1' };
const visitor = { guest, identified: true, signed: undefined };
const request = (signal: AbortSignal) => ({
  method: 'POST',
  headers: {},
  host: undefined,
  query: () => new URLSearchParams(),
  readBody: async () => undefined,
  signal: () => signal,
  trace: undefined,
});

/** A promise that the test settles. */
const deferred = <T>() => {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as NonNullable<typeof settle>) };
};

const begin = (options: GenesysGuestOptions = {}) => {
  const service = fakeTokens();
  const settings = fakeHandlerOptions(service, options);
  const write = createConfigWriter(publicConfig(service.options, WEBCHAT), service);
  const call = deferred<GuestToken>();
  const count = vi.fn();
  service.call = () => call.promise;
  const renewal = createRenewal(service, settings, async () => false, count);
  const { signal } = new AbortController();
  return {
    service,
    call,
    count,
    answer: async () =>
      JSON.parse(
        write(
          guest,
          await renewal(request(signal), visitor, await service.find(settings.webchatId, visitor.guest)),
        ),
      ),
  };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('counts an answer from the cache', async () => {
  const { answer, service, count } = begin();
  service.tokens.set(`${WEBCHAT} member-1`, fakeToken(guest));
  await answer();
  expect(count.mock.calls).toEqual([['cacheStates', 'fresh']]);
});

it.each([
  [true, true, 'known'],
  [true, false, 'known'],
  [false, true, 'frequent'],
  [false, false, 'newcomer'],
])(
  'where the site says who it is: %s, of an address with several calls: %s, is served as %s',
  async (identified, frequent, priority) => {
    const service = fakeTokens();
    const renew = vi.spyOn(service, 'renew');
    const renewal = createRenewal(service, fakeHandlerOptions(service), async () => frequent, vi.fn());
    const missing = { state: 'missing', token: undefined } as const;
    await renewal(request(new AbortController().signal), { ...visitor, identified }, missing);
    expect(renew.mock.calls[0]?.[2]).toMatchObject({ priority });
  },
);

describe('patience', () => {
  it('ends after 2 s with the chat alone, while the call goes on behind', async () => {
    const { answer, call, service } = begin();
    const given = answer();
    await vi.advanceTimersByTimeAsync(1_999);
    expect(await Promise.race([given, 'waiting'])).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await given).toMatchObject({ externalId: 'member-1', renewIn: 2 });
    expect(await given).not.toHaveProperty('guestToken');
    call.resolve(fakeToken(guest));
    await vi.runAllTimersAsync();
    expect(service.tokens.size).toBe(1);
  });

  it('ends with the old token where it is good', async () => {
    const { answer, service } = begin({ patience: 500 });
    service.tokens.set(`${WEBCHAT} member-1`, fakeToken(guest, 60));
    const given = answer();
    await vi.advanceTimersByTimeAsync(500);
    expect(await given).toMatchObject({ guestToken: 'token of member-1', expiresIn: 60, renewIn: 2 });
  });

  it('is not needed where the token comes in time, and leaves no timer', async () => {
    const { answer, call } = begin();
    const given = answer();
    call.resolve(fakeToken(guest));
    expect(await given).toMatchObject({ guestToken: 'token of member-1', renewIn: 3_300 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has none where the site wants the problem', async () => {
    const { answer, call } = begin({ whenUnavailable: 'fail' });
    const given = answer();
    await vi.advanceTimersByTimeAsync(14_000);
    call.reject(new GuestTokenError('upstream_unavailable', 'hung'));
    await expect(given).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('that has ended makes a later failure nobody’s', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const { answer, call } = begin({ patience: 10 });
    const given = answer();
    await vi.advanceTimersByTimeAsync(10);
    await given;
    call.reject(new GuestTokenError('too_many_guests', 'late'));
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
