// @vitest-environment jsdom
// What the agent sees of a page's visitor, beside what others have put there.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boot } from './index.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

describe('Database', () => {
  it('keeps what others have put there, and takes only ours away', async () => {
    page.options = { attributes: { cart: '3', source: 'shop' } };
    page.server.externalId = 'anna';
    page.server.attributes = { plan: 'gold' };
    boot({ ...BOOT, context: { page: 'checkout' } });
    await page.pass(100);
    const session = await boot();
    expect(page.messenger?.attributes).toEqual({
      cart: '3',
      source: 'shop',
      page: 'checkout',
      plan: 'gold',
      externalId: 'anna',
    });
    session.setContext({ language: 'de' });
    await page.pass(50);
    expect(page.messenger?.attributes).toEqual({
      cart: '3',
      source: 'shop',
      language: 'de',
      plan: 'gold',
      externalId: 'anna',
    });
  });

  it.each([
    ['fits to the byte', 'x'.repeat(2048 - '{"a":"","b":"","externalId":"anna"}'.length - 4), true],
    ['is a byte too large', 'x'.repeat(2048 - '{"a":"","b":"","externalId":"anna"}'.length - 3), false],
  ])('measures in UTF-8: what %s', async (_, filling, fits) => {
    page.options = { attributes: { a: filling } };
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { b: 'é€'.slice(0, 2).replace('€', 'é') } });
    await page.pass(100);
    expect(page.messenger?.attributes).toEqual(
      fits ? { a: filling, b: 'éé', externalId: 'anna' } : { a: filling },
    );
    expect(page.events.includes('error attributes_too_large')).toBe(!fits);
  });

  it('cannot be told by the page who the visitor is', async () => {
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { externalId: 'mallory' } });
    await page.pass(100);
    expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
  });

  it.each(['Database.removed', 'MessagingService.conversationReset', 'MessagingService.conversationCleared'])(
    'gets them again after %s',
    async (event) => {
      page.server.externalId = 'anna';
      boot(BOOT);
      await page.pass(100);
      Object.assign(page.messenger as object, { attributes: {} });
      page.messenger?.publish(event);
      await page.pass(10);
      expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
      page.messenger?.publish(event);
      await page.pass(10);
      expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
    },
  );

  it('is emptied only where a key has to go', async () => {
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { cart: '1' } });
    await page.pass(100);
    const session = await boot();
    const removed = () => page.messenger?.commands.filter((name) => name === 'Database.remove').length;
    session.setContext({ cart: '2' });
    await page.pass(50);
    expect([removed(), page.messenger?.attributes]).toEqual([0, { cart: '2', externalId: 'anna' }]);
    session.setContext({});
    await page.pass(50);
    expect([removed(), page.messenger?.attributes]).toEqual([1, { externalId: 'anna' }]);
  });

  it('has them when open has resolved', async () => {
    page.server.externalId = 'anna';
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    session.setContext({ cart: '1' });
    const opening = session.open().then(() => ({ ...page.messenger?.attributes }));
    await page.pass(500);
    expect(await opening).toEqual({ cart: '1', externalId: 'anna' });
  });

  it('gets what comes after something that is no text, and lets the chat be opened and forgotten', async () => {
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { total: Object.create(null) } as never });
    await page.pass(100);
    const session = await boot();
    expect(page.events).toContain('error messenger_timeout');
    await Promise.all([session.open(), page.pass(500)]);
    session.setContext({ cart: '1' });
    await page.pass(50);
    expect(page.messenger?.attributes).toEqual({ cart: '1', externalId: 'anna' });
    session.setContext({ total: Object.create(null) } as never);
    await Promise.all([session.forget(), page.pass(100)]);
    expect(page.messenger?.cleared).toBe(true);
  });

  it('holds texts alone, whatever the page gives', async () => {
    page.server.externalId = 'anna';
    const items = [{ id: 7 }, 'book'];
    const context = {
      total: 12.5,
      big: 2n,
      gift: false,
      none: null,
      unset: undefined,
      items,
      owner: { id: 7 },
    };
    boot({ ...BOOT, context: context as never });
    await page.pass(100);
    expect(page.messenger?.attributes).toEqual({
      total: '12.5',
      big: '2',
      gift: 'false',
      items: '[object Object],book',
      owner: '[object Object]',
      externalId: 'anna',
    });
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual([]);
  });

  it('has too much in it where Messenger says so', async () => {
    boot(BOOT);
    await page.pass(100);
    page.messenger?.publish('MessagingService.customAttributesSizeExceeded');
    await page.pass(10);
    expect(page.events).toContain('error attributes_too_large');
  });
});
