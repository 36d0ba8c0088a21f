// A visitor's day, in browsers as people set them: the chat works in each of them, and costs no more tokens than it must.
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../chat.ts';
import { describeInEveryEngine, hears, type Mode, noteEvents, press, say, type Tab } from '../engines.ts';
import { EAGER, FACADE, type HardSite, SCRIPT, sites } from '../hard/site.ts';
import { witness, witnessed } from '../hard/witness.ts';
import { startQuickstart } from '../sites.ts';

const token = (tab: Tab) => tab.run(async () => (await window.GenesysGuest?.boot())?.token);

describeInEveryEngine('A visit', (engine) => {
  const startSite = sites();

  it('to the quickstart, under its strict policy: chats, with a token that is renewed', async () => {
    const demo = await startQuickstart({ tokenLifetime: 4 });
    onTestFinished(demo.close);
    const visitor = await engine().visitor();
    const tab = await visitor.open(demo.url);
    await press(tab, 'Open messenger');
    await say(tab, 'hello');
    const first = await until(() => token(tab), Boolean);
    await until(
      () => token(tab),
      (now) => now !== undefined && now !== first,
    );
    await visitor.end();
  });

  it('that lasts renews again and again, and shows no token that has expired', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 4 } });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, witness);
    const { lies, happened } = await until(
      () => witnessed({ evaluate: (work) => tab.run(work) }),
      ({ tokens }) => tokens >= 3,
    );
    expect(lies).toEqual([]);
    expect(happened.filter((name) => !['pageshow', 'renewed'].includes(name))).toEqual(['ready']);
    await visitor.end();
  });

  it('by keyboard alone opens the facade, writes, is answered, and comes back to it', async () => {
    const site = await startSite({ head: FACADE, emulator: { launcher: 'Off' } });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, 'ready');
    expect([site.emulator.stats().connections.opened, site.asked('GET /config')]).toEqual([0, 0]);
    const focused = () => tab.run(() => document.activeElement?.shadowRoot?.activeElement?.ariaLabel ?? '');
    await tab.key('Tab');
    expect(await focused()).toBe('Open chat');
    await tab.key('Enter');
    await hears(tab, 'opened');
    await say(tab, 'hello');
    await tab.key('Escape');
    await hears(tab, 'closed');
    expect(await focused()).toBe('Open chat');
    await visitor.end();
  });

  it('in three tabs makes one renewal', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 12 } });
    const visitor = await engine().visitor();
    const tabs: Tab[] = [];
    for (let count = 0; count < 3; count += 1) tabs.push(await visitor.open(site.url));
    const tokens = () => Promise.all(tabs.map(token));
    const shared = (all: (string | undefined)[]) => all[0] !== undefined && new Set(all).size === 1;
    const [before] = await until(tokens, shared);
    const asked = site.asked('POST /renew');
    await until(tokens, (all) => shared(all) && all[0] !== before);
    expect(site.asked('POST /renew') - asked).toBe(1);
    await visitor.end();
  });

  it('in two tabs that are two persons, each by a header of its own, asks for each of them a few times', async () => {
    const site = await startSite({
      head: EAGER.replace('<script', '<script data-manual'),
      guest: { identify: ({ headers }) => ({ externalId: String(headers['x-member'] ?? 'nobody') }) },
    });
    const visitor = await engine().visitor();
    const tabs: Tab[] = [];
    for (const name of ['anna', 'bert']) {
      const tab = await visitor.open(site.url, noteEvents);
      tabs.push(tab);
      await tab.run(async (member) => {
        await window.GenesysGuest?.boot({ headers: { 'x-member': member } });
      }, name);
      await hears(tab, 'renewed');
    }
    const [anna, bert] = tabs as [Tab, Tab];
    const ids = () =>
      Promise.all(
        tabs.map((tab) => tab.run(async () => (await window.GenesysGuest?.boot())?.config?.externalId)),
      );
    // Each round was a question of either.
    for (let round = 0; round < 10; round += 1) expect(await ids()).toEqual(['anna', 'bert']);
    const before = site.asked('GET /config');
    await anna.run(async () => void (await (await window.GenesysGuest?.boot())?.refresh()));
    await bert.run(async () => void (await (await window.GenesysGuest?.boot())?.refresh()));
    await ids();
    expect(before).toBeLessThan(8);
    expect(site.asked('GET /config') - before).toBeLessThan(8);
    await visitor.end();
  });

  it('that comes back by the back/forward cache is the same page, and learns who has signed in', async () => {
    const site = await startSite({ head: EAGER });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, notePageShow);
    await until(() => token(tab), Boolean);
    // A page that holds a lock is not kept.
    await until(
      () => tab.run(async () => (await navigator.locks.query()).held?.length),
      (count) => count === 0,
    );
    await tab.goto(`${site.url}/blank`);
    const leave = () => {
      // biome-ignore lint/suspicious/noDocumentCookie: as a site's own script signs in
      document.cookie = 'member=ada';
      setTimeout(() => history.back());
    };
    // The answer may be lost with the page.
    await tab.run(leave).catch(() => {});
    await until(
      () => tab.run(() => location.pathname).catch(() => ''),
      (path) => path === '/',
    );
    await until(
      () => tab.run(async () => (await window.GenesysGuest?.boot())?.config?.externalId),
      (externalId) => externalId === 'ada',
    );
    expect(await tab.run(() => (window as unknown as { shown: boolean[] }).shown)).toEqual([false, true]);
    await press(tab, 'Open messenger');
    await say(tab, 'here again');
    await visitor.end();
  });

  const modes: [Mode, string | undefined][] = [
    ['private', undefined],
    ['no third-party cookies', undefined],
    ['no cookies', 'error cookie_blocked'],
  ];
  it.each(modes)('in a browser that is set to %s chats', async (mode, told) => {
    const site = await startSite({ head: EAGER });
    const visitor = await engine().visitor(mode);
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, told ?? 'renewed');
    await chats(tab, site);
    expect(site.emulator.stats().guestTokens).toBe(told ? 0 : 1);
    await visitor.end();
  });

  it.each([
    ['genesys', SCRIPT, 'Open messenger'],
    ['facade', FACADE, 'Open chat'],
  ])('to a page whose storage throws chats: launcher %s', async (_, head, label) => {
    const site = await startSite({ head });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, breakStorage);
    await chats(tab, site, label);
    await until(() => token(tab), Boolean);
    await visitor.end();
  });
});

/** Opens Messenger, and is answered. */
const chats = async (tab: Tab, site: HardSite, label = 'Open messenger') => {
  await press(tab, label);
  await say(tab, 'hello');
  expect(site.emulator.stats().bootstrap).toBe(1);
};

/** Whether each showing of the page came from the back/forward cache. */
const notePageShow = () => {
  const shown: boolean[] = [];
  Object.assign(window, { shown });
  window.addEventListener('pageshow', ({ persisted }) => shown.push(persisted));
};

const breakStorage = () => {
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(window, name, {
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  }
};
