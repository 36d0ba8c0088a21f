// A session that has ended does nothing but forget, and that always works.
import { expect, it } from 'vitest';
import { describeInEveryEngine, hears, noteEvents, press, type Tab } from '../engines.ts';
import { EAGER, FACADE, sites } from '../hard/site.ts';

describeInEveryEngine('A session that has ended', (engine) => {
  const startSite = sites();

  const who = (tab: Tab) =>
    tab.run(async () => (await (await fetch('/chat/config')).json()).externalId as string | undefined);

  it.each(['dispose', 'abort', 'forget'])(
    'by %s forgets the visitor here, at the server and in other tabs',
    async (how) => {
      const site = await startSite({ head: EAGER.replace('<script', '<script data-manual') });
      const visitor = await engine().visitor();
      const boot = async () => {
        const tab = await visitor.open(site.url, noteEvents);
        await tab.run(async () => {
          const controller = new AbortController();
          const session = await window.GenesysGuest?.boot({ signal: controller.signal });
          Object.assign(window, { controller, session });
          return undefined;
        });
        await hears(tab, 'renewed');
        return tab;
      };
      const tab = await boot();
      const other = await boot();
      expect(await who(tab)).toMatch(/^guest-/);
      await tab.run(async (way) => {
        const { controller, session } = window as unknown as {
          controller: AbortController;
          session: { dispose(): void; forget(): Promise<void> };
        };
        if (way === 'abort') controller.abort();
        else if (way === 'dispose') session.dispose();
        else await session.forget();
        await session.forget();
      }, how);
      expect(site.asked('POST /forget')).toBe(how === 'forget' ? 2 : 1);
      expect(await who(tab)).toBeUndefined();
      await hears(other, 'disposed');
      await visitor.end();
    },
  );

  it('does not load Genesys, whatever it is asked', async () => {
    const site = await startSite({ head: FACADE });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, 'ready');
    const refused = await tab.run(async () => {
      const session = await window.GenesysGuest?.boot();
      session?.dispose();
      return session?.open().then(
        () => 'opened',
        ({ name }: Error) => name,
      );
    });
    expect([refused, site.emulator.stats().bootstrap, site.asked('GET /config')]).toEqual([
      'AbortError',
      0,
      0,
    ]);
    await tab.run(() => window.GenesysGuest?.boot().then(() => undefined));
    await press(tab, 'Open chat');
    await hears(tab, 'opened');
    await visitor.end();
  });
});
