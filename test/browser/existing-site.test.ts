// The site that was there before the chat: its members are known to the agent, and leave nothing behind.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openChat, say } from './chat.ts';
import { describeInChromium } from './chromium.ts';
import { type Demo, startExistingSite } from './sites.ts';
import { visit } from './visit.ts';

describeInChromium('The existing site in a browser', (browser) => {
  let site: Demo;
  beforeEach(async () => {
    site = await startExistingSite();
  });
  afterEach(() => site.close());

  it('tells the agent who a member is, and forgets at sign-out', async () => {
    const { url, guest } = site;
    const visitor = await visit(browser(), url);
    const { page } = visitor;
    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await page.getByRole('heading', { name: 'Welcome, Ada Lindqvist' }).waitFor();
    await openChat(page);
    expect(await say(page, 'my plan?')).toEqual({ externalId: 'member-1042', plan: 'gold' });
    await page.getByRole('button', { name: 'Minimize' }).click();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Welcome', exact: true }).waitFor();
    await openChat(page);
    const messenger = page.getByRole('dialog', { name: 'Messenger' });
    expect(await messenger.getByText('my plan?').count()).toBe(0);
    expect(await say(page, 'hello')).toEqual({ externalId: expect.stringMatching(/^guest-/) });
    expect(guest.tokens.auditLog().map(({ action, externalId }) => `${action} ${externalId}`)).toContain(
      'FORGOTTEN member-1042',
    );
    await visitor.end();
  });
});
