// The facade in a browser: what it costs before it is used, and whether everyone can use it.
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { say, until } from '../chat.ts';
import { visit } from '../visit.ts';
import { describeInChromiumAsItIs } from './as-it-is.ts';
import { FACADE, type HardSiteOptions, sites } from './site.ts';

describeInChromiumAsItIs('The facade', (browser) => {
  const startSite = sites();

  const open = async (options: HardSiteOptions = {}, context: BrowserContextOptions = {}) => {
    const site = await startSite({ head: FACADE, ...options });
    const visitor = await visit(browser(), `${site.url}/blank`, context);
    const { page } = visitor;
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(site.url);
    const button = page.getByRole('button', { name: /^(Open|Close) chat$/ });
    await button.waitFor();
    return { site, visitor, page, requests, button, status: page.locator('genesys-guest [role=status]') };
  };
  const preloads = (page: Page) =>
    page
      .locator('link[rel=preload]')
      .evaluateAll((links) => links.map((link) => (link as HTMLLinkElement).href));
  const messenger = (page: Page) => page.getByRole('dialog', { name: 'Messenger' });

  it('costs our scripts alone, Messenger’s once it is pointed at, and opens with the first click', async () => {
    const { site, visitor, page, requests, button } = await open();
    const { emulator, url } = site;
    await page.waitForLoadState('networkidle');
    expect(requests.filter((request) => !request.startsWith('data:'))).toEqual([
      `${url}/`,
      `${url}/chat/boot.js`,
      `${url}/chat/facade.js`,
    ]);
    expect(emulator.stats().connections.opened).toBe(0);
    expect(await visitor.context.cookies()).toEqual([]);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);

    expect(await preloads(page)).toEqual([]);
    await button.hover();
    expect(await preloads(page)).toEqual([emulator.endpoints.bootstrap]);
    await until(
      () => emulator.stats().bootstrap,
      (count) => count === 1,
    );
    // It is fetched, not run.
    expect(await page.evaluate(() => typeof window.Genesys)).toBe('undefined');

    await button.click();
    await say(page, 'hello');
    expect(emulator.stats().bootstrap).toBe(1);
    // Messenger's own launcher is there now, and ours is gone.
    expect(await page.locator('genesys-guest').count()).toBe(0);
    await visitor.end();
  });

  it('fetches it ahead for who comes by keyboard, too, and not for who saves data', async () => {
    const { site, visitor, page } = await open();
    await page.keyboard.press('Tab');
    expect(await preloads(page)).toEqual([site.emulator.endpoints.bootstrap]);
    await page.addInitScript(() =>
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } }),
    );
    await page.reload();
    await page.keyboard.press('Tab');
    await page.locator('genesys-guest button:focus').waitFor();
    expect(await preloads(page)).toEqual([]);
    await visitor.end();
  });

  it('shows that it works, can be taken back, and works by keyboard alone', async () => {
    const { site, visitor, page, button, status } = await open({ emulator: { launcher: 'Off' } });
    site.emulator.fault({ call: 'bootstrap', fault: 'delay', ms: 1_500, times: 1 });
    await page.keyboard.press('Tab');
    const outline = () => button.evaluate((node) => getComputedStyle(node).outlineStyle);
    expect(await outline()).toBe('solid');
    await page.keyboard.press('Enter');
    expect([await button.getAttribute('aria-busy'), await status.textContent()]).toEqual([
      'true',
      'Opening chat…',
    ]);
    await page.keyboard.press('Escape');
    expect([await button.getAttribute('aria-busy'), await status.textContent()]).toEqual(['false', '']);
    await until(
      async () =>
        (await visitor.events()).filter(({ name }) => name === 'opened' || name === 'closed').length,
      (count) => count === 0 || count === 2,
    );

    await page.keyboard.press('Space');
    await messenger(page).waitFor();
    await page.getByRole('button', { name: 'Close chat' }).waitFor();
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Open chat' }).waitFor();
    await messenger(page).waitFor({ state: 'hidden' });
    await visitor.end();
  });

  it('takes a visitor in the middle of a conversation along to the next page, and no other', async () => {
    const { site, visitor, page, button } = await open();
    await button.click();
    await say(page, 'do not leave me');
    await page.reload();
    await page.getByText('You said: do not leave me').waitFor();
    await until(
      () => page.evaluate(() => localStorage.getItem('genesys-guest:conversation')),
      (noted) => noted === '1',
    );

    await page.getByRole('button', { name: 'Clear conversation' }).click();
    await until(
      () => page.evaluate(() => localStorage.getItem('genesys-guest:conversation')),
      (noted) => noted === null,
    );
    const { bootstrap } = site.emulator.stats();
    await page.reload();
    await button.waitFor();
    await page.waitForLoadState('networkidle');
    expect(site.emulator.stats().bootstrap).toBe(bootstrap);
    await visitor.end();
  });

  it.each([
    ['at rest', async () => {}],
    ['under the pointer, with focus', (page: Page) => page.locator('genesys-guest button').focus()],
    [
      'while it opens',
      async (page: Page) => {
        await page.route(/genesys\.min\.js/, () => {});
        await page.locator('genesys-guest button').click();
        await page.getByText('Opening chat…').waitFor();
      },
    ],
    [
      'when that failed',
      async (page: Page) => {
        await page.route(/genesys\.min\.js/, (route) => route.abort('blockedbyclient'));
        await page.locator('genesys-guest button').click();
        await page.getByText('Chat not available. Try again.').waitFor();
      },
    ],
  ] as const)('axe finds nothing: %s', async (_when, act) => {
    const { visitor, page } = await open({ emulator: { launcher: 'Off' } });
    await act(page);
    await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate(() =>
      (window as unknown as { axe: typeof axe }).axe.run(),
    );
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    // It did look into the shadow root.
    expect(JSON.stringify(passes)).toContain('genesys-guest');
    await visitor.context.close();
  });

  it('is not printed', async () => {
    const { visitor, page, button } = await open();
    await page.emulateMedia({ media: 'print' });
    expect(await button.isVisible()).toBe(false);
    await visitor.end();
  });

  it('says what it has to say on a screen of 320 px, however long', async () => {
    const labels = { failed: 'Keine-Verbindung-zum-Kundendienst-des-Hauses. '.repeat(4) };
    const head = `<script src="/chat/boot.js" data-manual></script>
<script>GenesysGuest.boot({ launcher: 'facade', labels: ${JSON.stringify(labels)} })</script>`;
    const { visitor, page, button, status } = await open({ head }, { viewport: { width: 320, height: 600 } });
    await page.route(/genesys\.min\.js/, (route) => route.abort('blockedbyclient'));
    await button.click();
    await page.getByText('Keine-Verbindung').waitFor();
    const { x = -1, y = -1, width = 999 } = (await status.boundingBox()) ?? {};
    expect([x >= 0, y >= 0, x + width <= 320]).toEqual([true, true, true]);
    await visitor.context.close();
  });

  it('can be seen in forced colours', async () => {
    const { visitor, button } = await open({}, { forcedColors: 'active' });
    const { width, colour, background } = await button.evaluate((node) => {
      const style = getComputedStyle(node);
      return { width: style.borderTopWidth, colour: style.borderTopColor, background: style.backgroundColor };
    });
    expect(width).toBe('2px');
    expect(colour).not.toBe(background);
    await visitor.end();
  });

  it('stands where it should on a page that sets the position of everything', async () => {
    const head = `<style>* { position: relative; box-sizing: border-box }</style>${FACADE}`;
    const { visitor, button } = await open({ head }, { viewport: { width: 1000, height: 700 } });
    const { x = 0, y = 0, width = 0 } = (await button.boundingBox()) ?? {};
    expect([x + width, y > 600]).toEqual([980, true]);
    await visitor.end();
  });

  it.each([
    ['lang="en"', 'right'],
    ['lang="ar" dir="rtl"', 'left'],
  ])('stands where the page’s lines end: %s, %s', async (html, side) => {
    const { visitor, button } = await open({ html }, { viewport: { width: 1000, height: 700 } });
    const { x = 0, width = 0 } = (await button.boundingBox()) ?? {};
    expect(side === 'left' ? x : 1000 - x - width).toBe(20);
    await visitor.end();
  });
});
