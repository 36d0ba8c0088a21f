// The guide as a site: it builds, no link is dead, and a browser finds no fault with it.
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInChromium } from '../browser/chromium.ts';
import { buildGuide, type Guide } from './guide.ts';

let guide: Guide;
const html = new Map<string, string>();
beforeAll(async () => {
  guide = await buildGuide();
  for (const page of guide.pages) html.set(page, await readFile(join(guide.folder, page), 'utf8'));
}, 900_000);
afterAll(() => guide?.close());

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found.replaceAll('&amp;', '&'));

describe('The guide', () => {
  it('has every page once in the sidebar, and nothing else there', () => {
    const [, sidebar = ''] =
      /<nav class="nav" id="VPSidebarNav"[\s\S]*?>([\s\S]*?)<\/nav>/.exec(html.get('index.html') ?? '') ?? [];
    const listed = all(sidebar, /<a [^>]*href="([^"#]+)"/g).map((href) =>
      href === '/' ? 'index.html' : href.slice(1),
    );
    expect(listed.toSorted()).toEqual(guide.pages.filter((page) => page !== '404.html').toSorted());
  });

  it('has no dead link and no dead anchor', () => {
    const dead: string[] = [];
    for (const [page, text] of html) {
      for (const href of all(text, /<a [^>]*href="([^"]+)"/g)) {
        const { pathname, hash, origin } = new URL(href, `http://guide.test/${page}`);
        if (origin !== 'http://guide.test') continue;
        const target = posix.join(pathname.slice(1), pathname.endsWith('/') ? 'index.html' : '');
        const found = html.get(target);
        const anchor = decodeURIComponent(hash.slice(1));
        if (!target.endsWith('.html')) continue;
        if (found === undefined || (anchor && !found.includes(`id="${anchor}"`)))
          dead.push(`${page}: ${href}`);
      }
    }
    expect(dead).toEqual([]);
  });
});

describeInChromium('The guide in a browser', (browser) => {
  const open = async (path: string, colorScheme: 'light' | 'dark') => {
    const context = await browser().newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(guide.url))
        faults.push(`asks ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(guide.url + path, { waitUntil: 'networkidle' });
    return { page, faults, close: () => context.close() };
  };

  const shown = ['/', '/members.html', '/measured.html', '/reference/options.html'];
  it.each(shown.flatMap((path) => (['light', 'dark'] as const).map((scheme) => [path, scheme] as const)))(
    '%s, %s: axe finds nothing, the console is silent, and no other host is asked',
    async (path, scheme) => {
      const { page, faults, close } = await open(path, scheme);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual(
        [],
      );
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('is searched without a server', async () => {
    const { page, faults, close } = await open('/', 'light');
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.locator('#localsearch-input').fill('Redis');
    const first = page.locator('#localsearch-list a').first();
    await first.waitFor();
    expect(await first.textContent()).toMatch(/redis/i);
    await first.click();
    await page.locator('main', { hasText: 'Redis' }).waitFor();
    expect(new URL(page.url()).pathname).not.toBe('/');
    expect(faults).toEqual([]);
    await close();
  });
});
