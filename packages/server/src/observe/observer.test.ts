// What the observer passes on to the site: whose token is gone and why, and nothing else of it.
import { expect, it } from 'vitest';
import { compose } from '../compose.ts';
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
