// The room as a whole, over real sockets: what the platform says of its limit, and what becomes of refusals.
import { expect, it } from 'vitest';
import { startRig, WEBCHAT } from '../testing/rig.ts';

it('gives newcomers their share of what the platform allows, where that is less than what is set', async () => {
  const { service, emulator } = await startRig({ perMinute: 300 }, { rateLimit: 60 });
  const crowd = Array.from({ length: 200 }, (_, i) => ({ externalId: `newcomer ${i}` }));
  await service.obtain(WEBCHAT, { externalId: 'first' });
  const answers = await Promise.allSettled(crowd.map((guest) => service.obtain(WEBCHAT, guest)));
  // Of 60 calls 12 are kept; OAuth and the first guest took two of the others.
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(60 - 12 - 2);
  expect(emulator.stats().byStatus).toEqual({ 200: 48 });
});
