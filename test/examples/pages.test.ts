// The examples that show one thing each, as a visitor meets them.
import type { Emulator } from '@genesys-guest/emulator';
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { openChat, say, until } from '../browser/chat.ts';
import { describeInChromium } from '../browser/chromium.ts';
import { visit } from '../browser/visit.ts';

interface Site {
  readonly url: string;
  readonly emulator: Emulator;
  close(): Promise<void>;
}

describeInChromium('The small examples in a browser', (browser) => {
  const started: Site[] = [];
  afterEach(async () => {
    for (const { close } of started.splice(0)) await close();
  });
  const start = async (name: string): Promise<Site> => {
    const path = new URL(`../../examples/${name}/site.js`, import.meta.url).href;
    const { startSite } = (await import(path)) as { startSite(): Promise<Site> };
    const site = await startSite();
    started.push(site);
    return site;
  };
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  it('react: one session and one Messenger, through StrictMode and through leaving and coming back', async () => {
    const { url, emulator } = await start('react');
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    const names = async () => (await visitor.events()).map(({ name }) => name);
    await button(page, 'Ask us').click();
    expect(await say(page, 'hello')).toEqual({ externalId: expect.stringMatching(/^guest-/) });
    await until(names, (all) => all.includes('renewed'));
    expect((await names()).filter((name) => ['ready', 'disposed', 'error'].includes(name))).toEqual([
      'disposed',
      'ready',
    ]);
    await button(page, 'Minimize').click();

    await button(page, 'Leave').click();
    expect((await names()).at(-1)).toBe('disposed');
    await button(page, 'Come back').click();
    await button(page, 'Ask us').click();
    await say(page, 'back again');
    const { guestTokens, bootstrap } = emulator.stats();
    expect({ guestTokens, bootstrap }).toEqual({ guestTokens: 1, bootstrap: 1 });
    expect(await button(page, 'Close messenger').count()).toBe(1);
    await visitor.end();
  });

  it('strict-csp: the chat works, nothing is violated, and the policy does hold', async () => {
    const { url } = await start('strict-csp');
    const visitor = await visit(browser(), url);
    await openChat(visitor.page);
    await say(visitor.page, 'hello');
    await until(visitor.token, (token) => token !== undefined);
    expect(await visitor.page.evaluate(() => window.watched?.violations)).toEqual([]);

    const refusals = await visitor.page.evaluate(() => {
      const refused = (work: () => void) => {
        try {
          work();
          return 'allowed';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const script = document.createElement('script');
      return [
        refused(() => Object.assign(script, { src: 'https://elsewhere.example/x.js' })),
        refused(() => Object.assign(document.createElement('p'), { innerHTML: '<b>code</b>' })),
      ];
    });
    expect(refusals).toEqual(['TypeError', 'TypeError']);
    await visitor.context.close();
  });

  it('consent: nothing before it, the chat with it, nothing left after it', async () => {
    const { url, emulator } = await start('consent');
    const visitor = await visit(browser(), url);
    const { page, context } = visitor;
    const kept = async () => [
      (await context.cookies()).map(({ name }) => name),
      await page.evaluate(() => Object.keys(localStorage)),
    ];
    await page.getByText('The chat is off.').waitFor();
    expect(visitor.asked).toEqual(['GET /boot.js']);
    expect([await kept(), emulator.stats().connections.opened]).toEqual([[[], []], 0]);

    await button(page, 'Allow the chat').click();
    await openChat(page);
    await say(page, 'hello');
    await until(visitor.token, (token) => token !== undefined);
    expect((await context.cookies()).length).toBe(1);
    await page.reload();
    await page.getByText('You said: hello').waitFor();

    await Promise.all([page.waitForEvent('load'), button(page, 'Withdraw').click()]);
    await page.getByText('The chat is off.').waitFor();
    expect(visitor.asked).toContain('POST /forget');
    expect(await kept()).toEqual([[], []]);
    expect(await button(page, 'Open messenger').count()).toBe(0);
    await visitor.end();
  });

  it('consent: nothing left after it, also where Messenger has been blocked since', async () => {
    const { url } = await start('consent');
    const { page, context, token, events } = await visit(browser(), url);
    await button(page, 'Allow the chat').click();
    await openChat(page);
    await until(token, (value) => value !== undefined);
    await page.route(/genesys\.min\.js/, (route) => route.abort('blockedbyclient'));
    await page.reload();
    await until(
      async () => (await events()).map(({ name }) => name),
      (names) => names.includes('disposed'),
    );
    expect((await context.cookies()).length).toBe(1);
    await Promise.all([page.waitForEvent('load'), button(page, 'Withdraw').click()]);
    await page.getByText('The chat is off.').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });

  it('gtm: the events come into the data layer, and no token with them', async () => {
    const { url } = await start('gtm');
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    await openChat(page);
    await say(page, 'hello');
    const token = await until(visitor.token, (value) => value !== undefined);
    const layer = await page.evaluate(
      () => (window as unknown as { dataLayer: { event: string }[] }).dataLayer,
    );
    expect(layer.map(({ event }) => event).toSorted()).toEqual(['chat_opened', 'chat_ready', 'chat_renewed']);
    // Not `toContain`: a failure would print the token.
    const text = JSON.stringify(layer);
    expect(text.includes(String(token)) || /guest-/.test(text), 'a token or an id lies about').toBe(false);
    await visitor.end();
  });
});
