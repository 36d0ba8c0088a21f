// Chromium and Firefox for the list that every engine runs, with the back/forward cache that their drivers switch off.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import puppeteer, { type BrowserContext as PuppetContext } from 'puppeteer-core';
import { ARGS, CHROMIUM, DRIVER_FLAGS } from './chromium.ts';
import type { Kind } from './describe-in.ts';
import type { Engine, Mode, Tab, Visitor } from './engines.ts';

/** What both drivers' pages can do. */
interface DrivenPage {
  goto(url: string): Promise<unknown>;
  evaluate(work: never, given?: unknown): Promise<unknown>;
  readonly keyboard: { press(key: never): Promise<void> };
}

const tabOf = (page: DrivenPage): Tab => ({
  goto: async (url) => void (await page.goto(url)),
  run: (work, given) => page.evaluate(work as never, given) as Promise<never>,
  key: (name) => page.keyboard.press(name as never),
});

const chromiumVisitor = (context: BrowserContext, end: () => Promise<void>): Visitor => ({
  end,
  async open(url, before) {
    const page = await context.newPage();
    if (before) await page.addInitScript(before);
    await page.goto(url);
    return tabOf(page);
  },
});

/** Preferences of a profile. */
const CHROMIUM_MODES: Readonly<Partial<Record<Mode, object>>> = {
  'no cookies': { profile: { default_content_setting_values: { cookies: 2 } } },
  'no third-party cookies': { profile: { cookie_controls_mode: 1, block_third_party_cookies: true } },
};

/** A browser of its own: such a mode belongs to a whole profile. */
const chromiumWith = async (executablePath: string, preferences: object): Promise<Visitor> => {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  await mkdir(join(folder, 'Default'));
  await writeFile(join(folder, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: ARGS,
    ignoreDefaultArgs: DRIVER_FLAGS,
    ignoreHTTPSErrors: true,
  });
  return chromiumVisitor(context, async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  });
};

export const CHROMIUM_ENGINE: Kind<Engine> = {
  ...CHROMIUM,
  async launch(executablePath) {
    const browser = await chromium.launch({ executablePath, args: ARGS, ignoreDefaultArgs: DRIVER_FLAGS });
    return {
      close: () => browser.close(),
      // Each context is private.
      async visitor(mode = 'usual') {
        const preferences = CHROMIUM_MODES[mode];
        if (preferences) return chromiumWith(executablePath, preferences);
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        return chromiumVisitor(context, () => context.close());
      },
    };
  },
};

const firefoxVisitor = (context: PuppetContext, end: () => Promise<void>): Visitor => ({
  end,
  async open(url, before) {
    const page = await context.newPage();
    if (before) await page.evaluateOnNewDocument(before);
    await page.goto(url);
    return tabOf(page);
  },
});

const FIREFOX_MODES: Readonly<Record<Mode, Record<string, unknown>>> = {
  usual: {},
  private: { 'browser.privatebrowsing.autostart': true },
  'no cookies': { 'network.cookie.cookieBehavior': 2 },
  'no third-party cookies': { 'network.cookie.cookieBehavior': 1 },
};

export const FIREFOX_ENGINE: Kind<Engine> = {
  name: 'Firefox',
  variable: 'FIREFOX',
  usual: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
  async launch(executablePath) {
    const launch = (mode: Mode) =>
      puppeteer.launch({
        executablePath,
        browser: 'firefox',
        acceptInsecureCerts: true,
        extraPrefsFirefox: FIREFOX_MODES[mode],
      });
    const browser = await launch('usual');
    return {
      close: () => browser.close(),
      async visitor(mode = 'usual') {
        if (mode === 'usual') {
          const context = await browser.createBrowserContext();
          return firefoxVisitor(context, () => context.close());
        }
        const own = await launch(mode);
        return firefoxVisitor(own.defaultBrowserContext(), () => own.close());
      },
    };
  },
};
