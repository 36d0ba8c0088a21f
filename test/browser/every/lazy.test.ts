// A token is issued when it is used: who does not chat costs no call, and a cookie that never comes back ends the asking.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInEveryEngine, hears, noteEvents, press } from '../engines.ts';
import { EAGER, FACADE, SCRIPT, sites } from '../hard/site.ts';

describeInEveryEngine('A token', (engine) => {
  const startSite = sites();

  it.each([
    ['genesys', SCRIPT, 'Open messenger'],
    ['facade', FACADE, 'Open chat'],
  ])('is issued for one visitor of ten, who chats (%s)', async (_, head, label) => {
    const site = await startSite({ head });
    for (let view = 0; view < 10; view += 1) {
      const visitor = await engine().visitor();
      const tab = await visitor.open(site.url, noteEvents);
      await hears(tab, 'ready');
      if (view === 4) {
        await press(tab, label);
        await hears(tab, 'renewed');
      }
      await visitor.end();
    }
    expect([site.emulator.stats().guestTokens, site.asked('POST /renew')]).toEqual([1, 2]);
  });

  it('is issued when page code asks, and a member’s at load', async () => {
    const site = await startSite();
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, 'ready');
    expect(site.emulator.stats().guestTokens).toBe(0);
    const token = await tab.run(async () => (await window.GenesysGuest?.boot())?.getToken());
    expect(token?.length).toBeGreaterThan(0);
    await tab.run(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: as a site's own script signs in
      document.cookie = 'member=ada';
    });
    const [member] = await Promise.all([visitor.open(site.url, noteEvents)]);
    await hears(member, 'renewed');
    expect(site.emulator.stats().guestTokens).toBe(2);
    await visitor.end();
  });

  it('is given up after three tries where the cookie never comes back, and said once', async () => {
    const site = await startSite({ head: EAGER, cookies: false });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, () => {
      const said: string[] = [];
      Object.assign(window, { said });
      const { warn } = console;
      console.warn = (...all: unknown[]) => {
        said.push(String(all[0]));
        warn(...all);
      };
    });
    await until(
      () => tab.run(() => (window as unknown as { said: string[] }).said),
      (said) => said.length > 0,
    );
    // Whatever wakes the page asks no more.
    await tab.run(() => {
      for (const type of ['focus', 'online', 'pageshow']) window.dispatchEvent(new Event(type));
    });
    expect(await tab.run(() => (window as unknown as { said: string[] }).said)).toEqual([
      expect.stringContaining('cookie_blocked'),
    ]);
    expect(site.asked('POST /renew')).toBe(3);
    expect(site.emulator.stats().guestTokens).toBe(0);
    await press(tab, 'Open messenger');
    await visitor.end();
  });
});
