// A member signs out: on this page, in every tab and on every device.
import { describe, expect, it } from 'vitest';
import { openPage, storageOf, tokensIn, useStillClock } from './testing.ts';
import { chatAsMember } from './testing-provider.ts';

useStillClock();

const MINUTE = 60_000;

describe('Auth.logout', () => {
  it('ends the tokens and the conversation here, and on every other device', async () => {
    const { page, cloud } = await chatAsMember();
    const device = await chatAsMember(cloud);
    const heard = [page, device.page].map((each) => each.hear('Auth.loggedOut'));
    const outcome = page.order('Auth.logout');
    await page.pass();
    expect(outcome[0]?.[0]).toBe('resolved');
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
    expect(heard[0]?.[0]?.data).toMatchObject({ status: 204 });
    for (const each of [page, device.page]) {
      expect(tokensIn(each)).toEqual([]);
      expect(each.find('Conversation')?.textContent).not.toContain('You said');
      expect(each.find('What is proven')?.textContent).toContain('IsAuthenticatedfalse');
    }
    expect(cloud.sockets.size).toBe(0);
  });

  it('reaches a tab without a connection by the storage', async () => {
    const { page, cloud } = await chatAsMember();
    const tab = openPage({ cloud, stored: storageOf(page) });
    const loggedOut = tab.hear('Auth.loggedOut');
    cloud.down = true;
    tab.load();
    cloud.down = false;
    await tab.pass();
    tab.window.localStorage.removeItem('_d1:gcatkn');
    const { StorageEvent } = tab.window;
    tab.window.dispatchEvent(new StorageEvent('storage', { key: '_d1:gcatkn', newValue: null }));
    await tab.pass();
    expect(loggedOut).toHaveLength(1);
  });

  it('renews a JWT that is over to end it, and is content where everything is dead', async () => {
    for (const [wait, call] of [
      [16 * MINUTE, 204],
      [24 * 60 * MINUTE, 200],
    ] as const) {
      const { page } = await chatAsMember();
      const loggedOut = page.hear('Auth.loggedOut');
      await page.pass(wait);
      const outcome = page.order('Auth.logout');
      await page.pass();
      expect([outcome[0]?.[0], loggedOut[0]?.data['status'], tokensIn(page)]).toEqual(['resolved', call, []]);
    }
  });

  it('that fails says so, and keeps the tokens', async () => {
    const { page, cloud } = await chatAsMember();
    const errors = page.hear('Auth.error');
    cloud.down = true;
    const outcome = page.order('Auth.logout');
    await page.pass(10);
    expect([outcome[0]?.[0], errors.length, tokensIn(page).length]).toEqual(['rejected', 1, 2]);
  });
});
