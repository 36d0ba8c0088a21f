// Finds this machine's Chromium and runs a suite in it. Where there is none the suite says so by name; with CI set it fails.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const named = process.env['CHROMIUM'];
const executablePath = (named ? [named] : USUAL).find((path) => existsSync(path));

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const MEND = 'install Chromium, or set CHROMIUM to its path';

/** A suite that is given a running browser. */
export const describeInChromium = (name: string, suite: (browser: () => Browser) => void): void => {
  if (executablePath !== undefined) describe(name, () => suite(launched(executablePath)));
  else if (process.env['CI']) {
    describe(name, () => {
      it('runs in Chromium', () => expect.fail(`There is no browser: ${MEND}`));
    });
  } else {
    console.warn(`NOT RUN, as there is no browser: ${name} (${MEND})`);
    describe.skip(name, () => suite(() => expect.fail()));
  }
};

const launched = (path: string): (() => Browser) => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: path, args: ARGS });
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => browser ?? expect.fail('The browser is not up yet');
};
