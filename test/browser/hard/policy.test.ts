// The strictest policy that a page can have: nothing of ours violates it, from the first moment to the last.
import { expect, it } from 'vitest';
import { say, until } from '../chat.ts';
import { visit } from '../visit.ts';
import { describeInChromiumAsItIs } from './as-it-is.ts';
import { sites } from './site.ts';

const NONCE = 'a-nonce-of-this-answer';

describeInChromiumAsItIs('Under a strict policy', (browser) => {
  const startSite = sites();

  it.each([
    ['genesys', 'Open messenger'],
    ['facade', 'Open chat'],
  ])('launcher %s', async (launcher, name) => {
    const site = await startSite({
      emulator: { tokenLifetime: 4 },
      head: `<script src="/chat/boot.js" data-launcher="${launcher}" nonce="${NONCE}" async></script>`,
      headers: ({ url }) => ({
        'Content-Security-Policy': [
          "default-src 'none'",
          `script-src 'nonce-${NONCE}' 'strict-dynamic'`,
          `connect-src 'self' ${url} ${url.replace(/^http/, 'ws')}`,
          'img-src data:',
          "require-trusted-types-for 'script'",
          'trusted-types genesys-guest',
        ].join('; '),
      }),
    });
    // A page may let a policy of one name be made once: a second try has to do with the first one's.
    site.emulator.fault({ call: 'bootstrap', fault: 'status', times: 1 });
    const visitor = await visit(browser(), site.url);
    const { page } = visitor;
    const button = page.getByRole('button', { name });
    // The facade is in its place although no style is allowed but a constructed one.
    if (launcher === 'facade') expect((await button.boundingBox())?.width).toBe(60);
    await button.click();
    await say(page, 'hello');
    const first = await until(visitor.token, (token) => token !== undefined);
    await until(visitor.token, (token) => token !== undefined && token !== first);
    await page.evaluate(async () => (await window.GenesysGuest?.boot())?.forget());
    // Chromium itself notes the answer that failed.
    visitor.complaints.splice(0, Infinity, ...visitor.complaints.filter((text) => !text.includes('503')));
    await visitor.end();
  });
});
