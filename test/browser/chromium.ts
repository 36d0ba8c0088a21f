// This machine's Chromium, for suites that run in it.
import { type Browser, chromium } from 'playwright-core';
import { describeIn } from './describe-in.ts';

/** Where it is found: the environment's variable, or these places. */
export const CHROMIUM = {
  name: 'Chromium',
  variable: 'CHROMIUM',
  usual: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
};

export const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What both drivers of Chromium switch off. */
export const DRIVER_FLAGS = [
  '--disable-back-forward-cache',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/**
 * A suite that is given a running browser.
 *
 * @param without flags of the driver's own that it is started without
 */
export const describeInChromium = (
  name: string,
  suite: (browser: () => Browser) => void,
  without: string[] = [],
): void =>
  describeIn(
    {
      ...CHROMIUM,
      launch: (executablePath) => chromium.launch({ executablePath, args: ARGS, ignoreDefaultArgs: without }),
    },
    name,
    suite,
  );
