// What was refused for good is remembered for whom it was refused; for all only where it must be the set-up.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { NegativeCache } from './negative-cache.ts';
import type { Failure } from './upstream-error.ts';

const of = (externalId: string, attributes?: Record<string, string>, webchatId = 'chat') => ({
  guest: { externalId, attributes },
  webchatId,
  lifetime: 60,
});

const NOW = Date.UTC(2026, 10, 23);

const build = () => {
  const clock = { at: 0 };
  const cache = new NegativeCache(() => NOW + clock.at);
  const refuse = (request: ReturnType<typeof of>, failure: Partial<Failure> = {}) => {
    const refusal = new GuestTokenError('upstream_rejected', `refused ${request.guest.externalId}`);
    const whole = {
      kind: 'final',
      call: 'guest-tokens',
      status: 403,
      reason: '',
      fix: '',
      ...failure,
    } as const;
    cache.remember(request, whole, refusal);
    return refusal;
  };
  return { clock, cache, refuse };
};

it('a refusal is remembered for 30 s', () => {
  const { clock, cache, refuse } = build();
  const refusal = refuse(of('anna'));
  clock.at = 30_000;
  expect(cache.recall(of('anna'))).toBe(refusal);
  clock.at = 30_001;
  expect(cache.recall(of('anna'))).toBeUndefined();
});

describe('a refusal of one guest', () => {
  it.each([
    ['another guest', of('bert', { nickname: 'x' })],
    ['the same with other attributes', of('anna', { nickname: 'y' })],
    ['the same in another deployment', of('anna', { nickname: 'x' }, 'other')],
  ])('is not that of %s', (_name, request) => {
    const { cache, refuse } = build();
    refuse(of('anna', { nickname: 'x' }));
    expect(cache.recall(request)).toBeUndefined();
  });

  it('stays that of one, however often and with whatever it comes', () => {
    const { cache, refuse } = build();
    for (let i = 0; i < 10; i += 1) refuse(of('anna', { nickname: `x${i}` }));
    expect(cache.recall(of('bert'))).toBeUndefined();
  });
});

describe('three guests', () => {
  it('refused alike in a row are the fault of the set-up, in their deployment', () => {
    const { cache, refuse } = build();
    refuse(of('anna'));
    refuse(of('bert'));
    expect(cache.recall(of('dora'))).toBeUndefined();
    const third = refuse(of('carl'));
    expect(cache.recall(of('dora'))).toBe(third);
    expect(cache.recall(of('dora', undefined, 'other'))).toBeUndefined();
    expect(cache.recall(of('anna'))).toBe(third);
  });

  it('refused with different answers are not', () => {
    const { cache, refuse } = build();
    for (const [i, status] of [403, 400, 403].entries()) refuse(of(`guest ${i}`), { status });
    expect(cache.recall(of('dora'))).toBeUndefined();
  });

  it('are not, where another got a token in the last 30 s', () => {
    const { clock, cache, refuse } = build();
    const three = () => ['anna', 'bert', 'carl'].map((name) => refuse(of(name)));
    cache.succeeded(of('emil'));
    clock.at = 30_000;
    three();
    expect(cache.recall(of('dora'))).toBeUndefined();
    clock.at = 30_001;
    const [, , third] = three();
    expect(cache.recall(of('dora'))).toBe(third);
  });

  it('with a success between them are not', () => {
    const { cache, refuse } = build();
    refuse(of('anna'));
    refuse(of('bert'));
    cache.succeeded(of('emil'));
    refuse(of('carl'));
    expect(cache.recall(of('dora'))).toBeUndefined();
  });

  it('are counted anew after a success, in their own deployment alone', () => {
    const { clock, cache, refuse } = build();
    cache.succeeded(of('emil'));
    clock.at = 30_001;
    refuse(of('anna'));
    refuse(of('bert'));
    cache.succeeded(of('emil', undefined, 'other'));
    const third = refuse(of('carl'));
    expect(cache.recall(of('dora'))).toBe(third);
  });

  it('go on being refused after 30 s by one who is', () => {
    const { clock, cache, refuse } = build();
    for (const name of ['anna', 'bert', 'carl']) refuse(of(name));
    clock.at = 30_001;
    const again = refuse(of('emil'));
    expect(cache.recall(of('dora'))).toBe(again);
  });
});

it('what OAuth refuses is refused for all', () => {
  const { cache, refuse } = build();
  const refusal = refuse(of('anna'), { call: 'oauth', kind: 'credentials', status: 401 });
  expect(cache.recall(of('bert', undefined, 'other'))).toBe(refusal);
});

it.each<Failure['kind']>(['limited', 'transient', 'host'])('%s may pass: it is not remembered', (kind) => {
  const { cache, refuse } = build();
  refuse(of('anna'), { kind });
  refuse(of('anna'), { kind, call: 'oauth' });
  expect(cache.recall(of('anna'))).toBeUndefined();
});
