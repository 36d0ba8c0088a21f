// Browsers as visitors have them: with the back/forward cache and the throttling that a driver switches off.
import type { Browser } from 'playwright-core';
import puppeteer, { type Browser as Puppet } from 'puppeteer-core';
import { ARGS, CHROMIUM, describeInChromium } from '../chromium.ts';
import { describeIn } from '../describe-in.ts';

/** What both drivers of Chromium switch off. */
const DRIVER_FLAGS = [
  '--disable-back-forward-cache',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export const describeInChromiumAsItIs = (name: string, suite: (browser: () => Browser) => void): void =>
  describeInChromium(name, suite, DRIVER_FLAGS);

/** Playwright makes every tab look visible and focused, and a tab that can be seen is never frozen. Puppeteer does not. */
export const describeWithHiddenTabs = (name: string, suite: (browser: () => Puppet) => void): void =>
  describeIn(
    {
      ...CHROMIUM,
      launch: (executablePath) =>
        puppeteer.launch({ executablePath, args: ARGS, ignoreDefaultArgs: DRIVER_FLAGS }),
    },
    name,
    suite,
  );

/** By WebDriver BiDi. */
export const describeInFirefox = (name: string, suite: (browser: () => Puppet) => void): void =>
  describeIn(
    {
      name: 'Firefox',
      variable: 'FIREFOX',
      usual: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
      launch: (executablePath) => puppeteer.launch({ executablePath, browser: 'firefox' }),
    },
    name,
    suite,
  );
