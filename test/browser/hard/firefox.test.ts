// Firefox, driven by WebDriver BiDi: the chat, renewals, and tabs that share one.
import type { BrowserContext, Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInFirefox } from './as-it-is.ts';
import { EAGER, FACADE, sites } from './site.ts';
import { witness, witnessed } from './witness.ts';

describeInFirefox('Firefox', (browser) => {
  const startSite = sites();

  const open = async (context: BrowserContext, url: string) => {
    const page = await context.newPage();
    const exceptions: unknown[] = [];
    page.on('pageerror', (error) => exceptions.push(error));
    await page.evaluateOnNewDocument(witness);
    await page.goto(url);
    return Object.assign(page, { exceptions });
  };
  const shown = (page: Page) => page.evaluate(() => window.witnessed?.look());

  it('boots, chats, and renews again and again', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 4 } });
    const context = await browser().createBrowserContext();
    const page = await open(context, site.url);
    await page.locator(labelled('Open messenger')).click();
    await say(page, 'hello');
    const { lies, happened } = await until(
      () => witnessed(page),
      ({ tokens }) => tokens >= 3,
    );
    expect(lies).toEqual([]);
    expect(happened.filter((name) => !['pageshow', 'renewed'].includes(name))).toEqual(['ready']);
    expect(page.exceptions).toEqual([]);
    await context.close();
  });

  it('three tabs make one renewal', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 8 } });
    const context = await browser().createBrowserContext();
    const pages: Page[] = [];
    for (let tab = 0; tab < 3; tab += 1) pages.push(await open(context, site.url));
    const tokens = () => Promise.all(pages.map(shown));
    const shared = (all: (string | undefined)[]) => all[0] !== undefined && new Set(all).size === 1;
    const [before] = await until(tokens, shared);
    const asked = site.asked('POST /renew');
    await until(tokens, (all) => shared(all) && all[0] !== before);
    expect(site.asked('POST /renew') - asked).toBe(1);
    await context.close();
  });

  it('shows the facade, and opens the chat with the first click', async () => {
    const site = await startSite({ head: FACADE });
    const context = await browser().createBrowserContext();
    const page = await open(context, site.url);
    await page.locator(labelled('Open chat')).wait();
    expect([site.emulator.stats().connections.opened, site.asked('GET /config')]).toEqual([0, 0]);
    await page.locator(labelled('Open chat')).click();
    await say(page, 'hello');
    expect(page.exceptions).toEqual([]);
    await context.close();
  });
});

/** In whichever shadow root. */
const labelled = (label: string) => `html >>> [aria-label="${label}"]`;

const say = async (page: Page, text: string) => {
  await page.locator(labelled('Message')).fill(text);
  await page.locator(labelled('Send')).click();
  const log = () =>
    page.$$eval('html >>> [role="log"]', (nodes) => nodes.map(({ textContent }) => textContent).join());
  await until(log, (shown) => shown.includes(`You said: ${text}`));
};
