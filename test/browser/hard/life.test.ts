// What happens to pages in a visitor's day: many tabs, no network, back and forward. The token stays good.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInChromiumAsItIs } from './as-it-is.ts';
import { EAGER, type HardSite, sites } from './site.ts';
import { witness, witnessed } from './witness.ts';

describeInChromiumAsItIs('A page that lives', (browser) => {
  const startSite = sites();

  const watched = async () => {
    const context = await browser().newContext();
    await context.addInitScript(witness);
    const visit = async (url: string) => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
    return { context, visit };
  };

  /** A page that has its token. */
  const goodPage = async (tokenLifetime: number) => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime } });
    const { context, visit } = await watched();
    const page = await visit(site.url);
    await until(
      () => witnessed(page),
      ({ good }) => good,
    );
    return { site, context, page };
  };

  it('ten tabs make one renewal', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 12 } });
    const { context, visit } = await watched();
    const pages: Page[] = [];
    for (let tab = 0; tab < 10; tab += 1) pages.push(await visit(site.url));
    const tokens = async () =>
      Promise.all(pages.map((page) => page.evaluate(() => window.witnessed?.look())));
    const shared = (all: (string | undefined)[]) => all[0] !== undefined && new Set(all).size === 1;
    const [before] = await until(tokens, shared);

    const renewed = site.asked('POST /renew');
    const issued = site.emulator.stats().guestTokens;
    await until(tokens, (all) => shared(all) && all[0] !== before);
    const [after] = await tokens();
    expect([site.asked('POST /renew') - renewed, site.emulator.stats().guestTokens - issued]).toEqual([1, 1]);

    // And the next tab to renew need not be the one of last time.
    await until(tokens, (all) => shared(all) && all[0] !== after);
    expect([site.asked('POST /renew') - renewed, site.emulator.stats().guestTokens - issued]).toEqual([2, 2]);
    for (const page of pages) expect((await witnessed(page)).lies).toEqual([]);
    await context.close();
  });

  it('without a network it keeps the good token, says once that it has expired, and gets a new one', async () => {
    const { context, page } = await goodPage(4);
    await context.setOffline(true);
    const { tokens } = await until(
      () => witnessed(page),
      ({ happened }) => happened.includes('expired'),
    );
    expect((await witnessed(page)).good).toBe(false);
    await context.setOffline(false);
    const { lies, happened } = await until(
      () => witnessed(page),
      (now) => now.good && now.tokens > tokens,
    );
    expect(lies).toEqual([]);
    expect(happened.filter((name) => name === 'expired')).toHaveLength(1);
    expect(happened).toEqual(expect.arrayContaining(['offline', 'error', 'online']));
    expect(happened.slice(happened.lastIndexOf('online'))).toContain('renewed');
    await context.close();
  });

  it('back from the back/forward cache it lives on, renews, and learns who has signed in', async () => {
    const { site, context, page } = await goodPage(6);
    await roundTrip(page, site);
    const back = await until(
      () => witnessed(page),
      ({ good, tokens }) => good && tokens > 1,
    );
    expect(back.lies).toEqual([]);
    expect(back.happened).not.toContain('disposed');

    await roundTrip(page, site, context);
    await until(
      () => witnessed(page),
      ({ happened }) => happened.includes('changed'),
    );
    await knowsAda(page);
    expect((await witnessed(page)).lies).toEqual([]);
    await context.close();
  });

  it('back from the back/forward cache it learns who has signed in, also where no token is due', async () => {
    const { site, context, page } = await goodPage(86_400);
    await roundTrip(page, site, context);
    await knowsAda(page);
    await context.close();
  });
});

/** To another page and back by the cache; meanwhile somebody may sign in. */
const roundTrip = async (page: Page, site: HardSite, signIn?: BrowserContext) => {
  const before = (await witnessed(page)).happened.length;
  await page.evaluate(() => Object.assign(window, { mark: 'the same page' }));
  await page.goto(`${site.url}/blank`);
  await signIn?.addCookies([{ name: 'member', value: 'ada', url: site.url }]);
  // Not `goBack`, which waits for a load that there is not.
  await page.evaluate(() => history.back()).catch(() => {});
  await page.waitForURL(`${site.url}/`, { waitUntil: 'commit' });
  const { happened } = await until(
    () => witnessed(page),
    (now) => now.happened.includes('pageshow (persisted)', before),
  );
  expect(happened.slice(before)).toEqual(
    expect.arrayContaining(['pagehide (persisted)', 'pageshow (persisted)']),
  );
  expect(await page.evaluate(() => (window as unknown as { mark: string }).mark)).toBe('the same page');
};

const knowsAda = (page: Page) =>
  until(
    () => page.evaluate(async () => (await window.GenesysGuest?.boot())?.config?.externalId),
    (externalId) => externalId === 'ada',
  );
