// What the observer passes on to the site: whose token is gone and why, and nothing else of it.
import { expect, it } from 'vitest';
import { compose } from '../compose.ts';
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
