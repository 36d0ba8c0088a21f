// Runs a suite in a browser of this machine. Where there is none the suite says so by name; with CI set it fails.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface Kind<Browser> {
  readonly name: string;
  /** The environment's variable that may name its path. */
  readonly variable: string;
  /** Where it usually is. */
  readonly usual: readonly string[];
  /** Files that it needs beside itself. */
  readonly needs?: readonly string[];
  /** What to install, where that is not its name. */
  readonly packages?: string;
  launch(executablePath: string): Promise<Browser>;
}

/** A suite that is given a running browser. */
export const describeIn = <Browser extends { close(): Promise<void> }>(
  kind: Kind<Browser>,
  name: string,
  suite: (browser: () => Browser) => void,
): void => {
  const named = process.env[kind.variable];
  const path = (named ? [named] : kind.usual).find((one) => existsSync(one));
  const lacks = kind.needs?.filter((one) => !existsSync(one)) ?? [];
  const mend = `install ${kind.packages ?? kind.name}, or set ${kind.variable} to its path`;
  if (path !== undefined && lacks.length === 0) describe(name, () => suite(launched(kind, path)));
  else if (process.env['CI']) {
    describe(name, () => {
      it(`runs in ${kind.name}`, () => expect.fail(`There is no browser: ${mend}`));
    });
  } else {
    console.warn(`NOT RUN, as there is no browser: ${name} (${mend})`);
    describe.skip(name, () => suite(() => expect.fail()));
  }
};

const launched = <Browser extends { close(): Promise<void> }>(
  { launch }: Kind<Browser>,
  path: string,
): (() => Browser) => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch(path);
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => browser ?? expect.fail('The browser is not up yet');
};
