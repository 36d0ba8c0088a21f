// A tab that the browser has frozen, longer than its token lives: what it shows from the first moment on is good.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeWithHiddenTabs } from './as-it-is.ts';
import { EAGER, sites } from './site.ts';
import { witness, witnessed } from './witness.ts';

describeWithHiddenTabs('A frozen tab', (browser) => {
  const startSite = sites();

  it('shows a fresh token when it goes on, and at no moment the old one', async () => {
    const site = await startSite({ head: EAGER, emulator: { tokenLifetime: 4 } });
    const page = await browser().newPage();
    await page.evaluateOnNewDocument(witness);
    await page.goto(site.url);
    await until(
      () => witnessed(page),
      ({ good }) => good,
    );
    const devtools = await page.createCDPSession();
    const other = await browser().newPage();
    await other.bringToFront();
    await until(
      () => page.evaluate(() => document.visibilityState),
      (state) => state === 'hidden',
    );
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    const frozenAt = Date.now();
    const asked = site.asked('POST /renew');
    await until(Date.now, (now) => now > frozenAt + 4_500);
    expect(site.asked('POST /renew')).toBe(asked);

    const resumedAt = site.asked('POST /renew');
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    const { lies, happened } = await until(
      () => witnessed(page),
      (now) => now.good && now.happened.includes('resume') && site.asked('POST /renew') > resumedAt,
    );
    expect(lies).toEqual([]);
    // A timer that was due may fire before the page is told that it goes on.
    const [first, ...rest] = happened.slice(happened.indexOf('freeze'));
    expect([first, rest.slice(0, -1).toSorted(), rest.at(-1)]).toEqual([
      'freeze',
      ['expired', 'resume'],
      'renewed',
    ]);
    await Promise.all([page.close(), other.close()]);
  });
});
