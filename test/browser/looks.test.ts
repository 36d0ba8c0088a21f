// How the demo's page holds up: small screens, dark rooms, keyboards and screen readers.
import axe from 'axe-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from './chat.ts';
import { describeInChromium } from './chromium.ts';
import { type Demo, startQuickstart } from './sites.ts';
import { visit } from './visit.ts';

describeInChromium('How the demo looks', (browser) => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startQuickstart();
  });
  afterAll(() => demo.close());

  it.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
    { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  ] as const)('is readable and fits: $colorScheme, $viewport.width px', async (options) => {
    const visitor = await visit(browser(), demo.url, { ...options, reducedMotion: 'reduce' });
    const { page } = visitor;
    await until(visitor.token, (token) => token !== undefined);
    await page.getByRole('button', { name: 'Sign in as Ada' }).click();
    await page.locator('#name', { hasText: 'Ada Lindqvist' }).waitFor();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const wider = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(wider).toBe(0);
    await visitor.end();
  });
});
