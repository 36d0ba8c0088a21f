// The main job, whole: a browser, the quickstart site, the middleware and a Genesys Cloud, over real sockets.
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { openChat, say, until } from './chat.ts';
import { describeInChromium } from './chromium.ts';
import { type Demo, type DemoOptions, startQuickstart } from './sites.ts';
import { type Visit, visit } from './visit.ts';

describeInChromium('The quickstart in a browser', (browser) => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { close } of started.splice(0)) await close();
  });
  const start = async (options: DemoOptions = {}): Promise<Demo> => {
    const demo = await startQuickstart(options);
    started.push(demo);
    return demo;
  };
  const named = (page: Page, name: string) => page.locator('#name', { hasText: name }).waitFor();
  /** Whom the page names, once it does: the token may be there a moment before. */
  const guestShown = ({ page }: Visit) =>
    until(
      () => page.locator('#external-id').textContent(),
      (id) => Boolean(id?.trim()),
    );

  it('boots the chat; the agent sees who the visitor is and what the page tells', async () => {
    const { url, emulator } = await start();
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    await page.getByText('Chat ready').waitFor();
    await until(visitor.token, (token) => token !== undefined);
    const id = await guestShown(visitor);
    expect(id).toMatch(/^guest-/);

    await openChat(page);
    expect(await say(page, 'hello')).toEqual({ externalId: id });
    await page.getByRole('button', { name: 'Minimize' }).click();
    await page.getByRole('button', { name: 'One book more' }).click();
    await page.getByRole('button', { name: 'Open the chat' }).click();
    expect(await say(page, 'and now?')).toEqual({ externalId: id, cart: '1 book' });

    const { oauthToken, guestTokens } = emulator.stats();
    expect({ oauthToken, guestTokens }).toEqual({ oauthToken: 1, guestTokens: 1 });
    const names = (await visitor.events()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['closed', 'opened', 'opened', 'ready', 'renewed']);
    await visitor.end();
  });

  it('renews the token again and again, and the visitor does not notice', async () => {
    const { url, emulator } = await start({ tokenLifetime: 4 });
    const visitor = await visit(browser(), url);
    await openChat(visitor.page);
    await say(visitor.page, 'before');
    const first = await until(visitor.token, (token) => token !== undefined);
    const renewals = () => visitor.page.locator('#renewals').textContent();
    await until(renewals, (count) => Number(count) >= 3);
    expect(await visitor.token()).not.toBe(first);
    await say(visitor.page, 'after');

    const issued = emulator.stats().perGuest;
    expect(issued.guests).toBe(1);
    const asked = visitor.asked.filter((request) => request === 'POST /renew').length;
    // The first one brings the cookie, and each of the others one token: no request too many.
    expect(asked).toBeLessThanOrEqual(issued.issued + 2);
    expect(
      (await visitor.events()).filter(({ name }) => ['expired', 'error', 'changed'].includes(name)),
    ).toEqual([]);
    await visitor.end();
  });

  it('keeps guest and conversation over a page load', async () => {
    const { url, emulator } = await start();
    const visitor = await visit(browser(), url);
    await openChat(visitor.page);
    const { externalId } = await say(visitor.page, 'remember me');
    const token = await until(visitor.token, (value) => value !== undefined);
    await visitor.page.reload();
    await visitor.page.getByText('You said: remember me').waitFor();
    await until(visitor.token, (value) => value === token);
    expect(await guestShown(visitor)).toBe(externalId);
    expect(emulator.stats().guestTokens).toBe(1);
    await visitor.end();
  });

  it('follows a sign-in and a sign-out without a page load', async () => {
    const { url } = await start();
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    const anonymous = await until(visitor.token, (token) => token !== undefined);
    const id = await guestShown(visitor);

    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await named(page, 'Ada Lindqvist');
    const member = await until(visitor.token, (token) => token !== undefined && token !== anonymous);
    await openChat(page);
    expect(await say(page, 'it is me')).toEqual({
      externalId: 'member-1042',
      name: 'Ada Lindqvist',
      plan: 'gold',
    });
    await page.getByRole('button', { name: 'Minimize' }).click();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await named(page, 'Anonymous visitor');
    await until(visitor.token, (token) => token !== undefined && token !== member);
    expect(await guestShown(visitor)).toBe(id);
    await page.getByRole('button', { name: 'Open the chat' }).click();
    expect(await say(page, 'gone')).toEqual({ externalId: id });

    const changed = (await visitor.events()).filter(({ name }) => name === 'changed');
    expect(changed).toHaveLength(2);
    await visitor.end();
  });

  it('learns from the next renewal that somebody else has signed in meanwhile', async () => {
    const { url } = await start();
    const visitor = await visit(browser(), url);
    const { page, context } = visitor;
    const before = await until(visitor.token, (token) => token !== undefined);
    await context.request.post(`${url}/sign-in`, { data: { member: 'kofi' } });
    const refused = page.waitForResponse((response) => response.status() === 409);
    await page.getByRole('button', { name: 'Renew now' }).click();
    expect(await (await refused).json()).toMatchObject({ code: 'guest_changed' });
    await named(page, 'Kofi Mensah');
    await until(visitor.token, (token) => token !== undefined && token !== before);
    // Chromium itself notes a refused request; nothing else may.
    expect(visitor.complaints.splice(0).filter((text) => !text.includes('409'))).toEqual([]);
    await visitor.end();
  });

  it.each(['reset', 'hang', 'status'] as const)(
    'chats all the same while Genesys Cloud fails (%s)',
    async (fault) => {
      const { url, emulator } = await start({ guest: { upstream: { timeout: 500, deadline: 1_000 } } });
      emulator.fault({ call: 'oauthToken', fault, times: 'always' });
      emulator.fault({ call: 'guestTokens', fault, times: 'always' });
      const visitor = await visit(browser(), url);
      const { page } = visitor;
      await openChat(page);
      await say(page, 'is anybody there?');
      await page.getByText('No token: seconds until the next try').waitFor();
      expect(await say(page, 'it is me')).toEqual({ externalId: await guestShown(visitor) });
      expect(await visitor.token()).toBeUndefined();
      expect(visitor.asked.length).toBeLessThan(8);
      await visitor.end();
    },
  );

  it('keeps the token that it has when Genesys Cloud fails, and gets a new one when it is back', async () => {
    const { url } = await start({
      tokenLifetime: 20,
      guest: { upstream: { timeout: 500, deadline: 1_000 } },
    });
    const visitor = await visit(browser(), url);
    const first = await until(visitor.token, (token) => token !== undefined);
    const outage = visitor.page.getByLabel('Let the token service fail');
    await Promise.all([visitor.page.waitForResponse(/\/outage$/), outage.check()]);
    await Promise.all([
      visitor.page.waitForResponse(/\/renew$/),
      visitor.page.getByRole('button', { name: 'Renew now' }).click(),
    ]);
    expect(await visitor.token()).toBe(first);
    await Promise.all([visitor.page.waitForResponse(/\/outage$/), outage.uncheck()]);
    await until(visitor.token, (token) => token !== undefined && token !== first);
    await visitor.end();
  });

  it('shows what of a visitor is proven to the agent, and what is only said, in each of the three modes', async () => {
    const { url } = await start();
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    const proven = (text: string) => page.locator('#proven', { hasText: text }).waitFor();
    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await named(page, 'Ada Lindqvist');
    for (const [mode, expected] of [
      ['Guest tokens', 'isAuthenticatedfalse'],
      ['Members', 'ada@shop.example'],
      ['Messenger alone', 'isAuthenticatedfalse'],
    ] as const) {
      await page.getByRole('link', { name: mode }).click();
      await page.getByText('Chat ready').waitFor();
      await openChat(page);
      await say(page, 'It is me');
      await proven(expected);
      await page.locator('#said', { hasText: 'Ada Lindqvist' }).waitFor();
    }
    await visitor.context.close();
  });

  it('hears of a sign-in before Messenger has loaded', async () => {
    const { url } = await start();
    const { page, context } = await visit(browser(), `${url}?mode=members`);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/genesys-bootstrap/, async (route) => {
      await released;
      await route.continue();
    });
    const asked = page.waitForRequest(/genesys-bootstrap/);
    await page.reload({ waitUntil: 'commit' });
    await asked;
    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await page.locator('[data-member]:not([disabled])').first().waitFor();
    release();
    await named(page, 'Ada Lindqvist');
    await context.close();
  });

  it('shows nothing of a member who has signed out', async () => {
    const { url } = await start();
    const visitor = await visit(browser(), `${url}?mode=members`);
    const { page } = visitor;
    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await named(page, 'Ada Lindqvist');
    await openChat(page);
    await say(page, 'It is me');
    await page.locator('#proven', { hasText: 'ada@shop.example' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#proven:not(:has-text("ada@shop.example"))').waitFor();
    expect(await page.getByText(/member-1042|Lindqvist|ada@/).count()).toBe(0);
    await visitor.context.close();
  });
});
