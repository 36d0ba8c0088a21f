// What the observer passes on to the site: whose token is gone and why, and nothing else of it.
import { expect, it, onTestFinished, vi } from 'vitest';
import { compose } from '../compose.ts';
import { monotonicNow } from '../lib/clock.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { StoreContext } from '../store/ports.ts';
import { testOptions } from '../testing/rig.ts';
import type { Invalidation } from './ports.ts';

it('tells of a token that is gone no more than whose it was and why', () => {
  const heard: Invalidation[] = [];
  const hear = (invalidation: Invalidation) => void heard.push(invalidation);
  const { observer } = compose(testOptions({ onInvalidate: hear }));
  observer.on('invalidated', hear);
  const key = { externalId: 'anna', webchatId: 'chat', token: 'a guest token', attributes: { plan: 'gold' } };
  observer.invalidated({ ...key, reason: 'forgotten' });
  const expected = { externalId: 'anna', webchatId: 'chat', reason: 'forgotten' };
  expect(heard).toEqual([expected, expected]);
});

it('keeps the entry of an erasure when the person is erased again, also under a pseudonym', async () => {
  const { service, observer } = compose(
    testOptions({ audit: { ...testOptions().audit, pseudonymize: true } }),
  );
  observer.forgotten('FORGOTTEN', { externalId: 'anna', webchatId: 'chat' });
  await service.erase('anna');
  await observer.erase('anna');
  expect(observer.auditLog().map(({ action }) => action)).toEqual(['ERASED']);
});

it('takes out what is kept here also where a shared store does not answer', async () => {
  const away = () => Promise.reject(new Error('away'));
  const open = (context: StoreContext) => ({ ...memoryStore().open(context), erase: away });
  const { service, observer } = compose(testOptions({ store: { kind: 'memory', open } }));
  observer.forgotten('FORGOTTEN', { externalId: 'anna', webchatId: 'chat' });
  await expect(service.erase('anna')).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(observer.auditLog()).toEqual([]);
});

it('tells that the budget is used up for a minute after the last refusal, since the first', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { observer } = compose(testOptions());
  const refuse = (): void => {
    const subject = { externalId: 'anna', webchatId: 'chat', attributesCount: 0 };
    observer.issueStarted('ISSUED', subject).failed(new GuestTokenError('upstream_limited', 'full'), 0);
  };
  const since = () => observer.failing(monotonicNow()).map((failing) => failing.since);
  refuse();
  const [first] = since();
  expect(observer.failing(monotonicNow())).toEqual([{ what: 'budget', reason: 'full', since: first }]);
  vi.advanceTimersByTime(50_000);
  refuse();
  vi.advanceTimersByTime(50_000);
  expect(since()).toEqual([first]);
  vi.advanceTimersByTime(11_000);
  expect(since()).toEqual([]);
  refuse();
  expect(since()[0]).toBeGreaterThan(first as number);
});
