// @vitest-environment jsdom
// Somebody leaves and somebody else comes: what the one has said in the chat is not shown to the next.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boot } from './index.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';
import { ANONYMOUS } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

/** A conversation of the one, and then somebody else is who the visitor is. */
const change = async (from: string | undefined, to: string | undefined, options: object = {}) => {
  page.server.externalId = from;
  boot({ ...BOOT, ...options });
  await page.pass(100);
  page.messenger?.republish('MessagingService.started');
  await page.pass(10);
  page.server.externalId = to;
  await Promise.all([(await boot()).refresh(), page.pass(100)]);
};
const commands = () => page.messenger?.commands.filter((name) => /clear/i.test(name));

describe('the conversation', () => {
  it.each([
    ['a member signs out', 'anna', ANONYMOUS],
    ['a member’s session ends', 'anna', undefined],
    ['another member signs in', 'anna', 'bert'],
  ])('is ended when %s', async (_, from, to) => {
    await change(from, to);
    expect(commands()).toEqual(['MessagingService.clearConversation']);
    expect(page.events).toContain('changed');
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual([]);
  });

  it.each([
    ['a visitor becomes known', undefined, ANONYMOUS],
    ['a visitor signs in', ANONYMOUS, 'anna'],
    ['nobody signs in', undefined, 'anna'],
    ['a cookie is lost', ANONYMOUS, 'guest-lkj_-ihgfedcba9876543210'],
    ['the same member is asked again', 'anna', 'anna'],
  ])('goes on when %s', async (_, from, to) => {
    await change(from, to);
    expect(commands()).toEqual([]);
  });

  it('goes on where the page says so', async () => {
    await change('anna', 'bert', { onChange: 'keep' });
    expect(commands()).toEqual([]);
  });

  it.each([
    ['refused', 'get'],
    ['full', 'set'],
  ] as const)('is ended where storage is %s, too', async (_, trap) => {
    const storage = new Proxy({} as Storage, {
      [trap]: () => {
        throw new DOMException('no', 'QuotaExceededError');
      },
    });
    vi.spyOn(window, 'localStorage', 'get').mockReturnValue(storage);
    await change('anna', 'bert');
    expect(commands()).toEqual(['MessagingService.clearConversation']);
  });

  it('is taken from Messenger whole where the deployment does not let it be ended', async () => {
    page.options = { clears: false };
    await change('anna', 'bert');
    expect(commands()).toEqual(['MessagingService.clearConversation', 'Messenger.clear']);
    expect(page.messenger?.cleared).toBe(true);
    expect(page.events).toContain('error messenger_cleared');
  });

  it('that there is not needs no clearing', async () => {
    page.server.externalId = 'anna';
    boot(BOOT);
    await page.pass(100);
    page.server.externalId = 'bert';
    await Promise.all([(await boot()).refresh(), page.pass(100)]);
    expect(commands()).toEqual([]);
  });
});
