// @vitest-environment jsdom
// The proof of who the guest is: beside the other attributes, and renewed while a conversation goes on.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootMembers, openMembersPage } from '../testing/members.ts';
import { closePage, type TestPage } from '../testing/page.ts';
import { ANONYMOUS, MESSENGER } from '../testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openMembersPage();
  page.server.externalId = ANONYMOUS;
  page.server.proof = 'proof-1';
});
afterEach(closePage);

const MINUTE = 60_000;
const asked = () => page.server.requests.filter((request) => request === 'GET /config').length;
const start = async () => {
  const booting = bootMembers({ messenger: MESSENGER });
  await page.pass(1_000);
  return booting;
};

it('is handed to Messenger, and members are not needed for it', async () => {
  await start();
  expect(page.messenger?.attributes).toEqual({ externalId: ANONYMOUS, proof: 'proof-1' });
});

it('wins over an attribute of the page', async () => {
  (await start()).setContext({ proof: 'of the page' });
  await page.pass(100);
  expect(page.messenger?.attributes['proof']).toBe('proof-1');
});

it('is asked for again in time while a conversation goes on, and handed over', async () => {
  await start();
  page.messenger?.republish('MessagingService.started');
  page.server.proof = 'proof-2';
  await page.pass(14 * MINUTE);
  expect(page.messenger?.attributes['proof']).toBe('proof-2');
  page.server.proof = 'proof-3';
  await page.pass(14 * MINUTE);
  expect(page.messenger?.attributes['proof']).toBe('proof-3');
});

it('costs nothing where nobody chats', async () => {
  await start();
  const before = asked();
  await page.pass(60 * MINUTE);
  expect(asked()).toBe(before);
});

it('is fresh again once the window is opened', async () => {
  const session = await start();
  await page.pass(60 * MINUTE);
  page.server.proof = 'proof-2';
  await Promise.all([session.open(), page.pass(1_000)]);
  expect(page.messenger?.attributes['proof']).toBe('proof-2');
});

it('that cannot be had is asked for again, and never all the time', async () => {
  await start();
  page.messenger?.republish('MessagingService.started');
  const before = asked();
  page.server.faults.push(...Array.from({ length: 100 }, () => 'network' as const));
  await page.pass(20 * MINUTE);
  expect(asked() - before).toBeGreaterThan(1);
  expect(asked() - before).toBeLessThan(50);
});

it('is left out with the rest where all together would not be sent', async () => {
  const session = await start();
  // Without the proof it would fit.
  page.server.proof = 'p'.repeat(256);
  session.setContext({ cart: 'c'.repeat(1_850) });
  await Promise.all([session.refresh(), page.pass(100)]);
  expect(page.messenger?.attributes).toEqual({});
  expect(page.events).toContain('error attributes_too_large');
});
