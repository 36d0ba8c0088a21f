// Browsers as visitors have them: with the back/forward cache and the throttling that a driver switches off.
import type { Browser } from 'playwright-core';
import puppeteer, { type Browser as Puppet } from 'puppeteer-core';
import { ARGS, CHROMIUM, DRIVER_FLAGS, describeInChromium } from '../chromium.ts';
import { describeIn } from '../describe-in.ts';

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
