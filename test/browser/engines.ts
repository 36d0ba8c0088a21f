// Every browser of this machine by one small interface, so that one list of tests runs in each of them.
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { until } from './chat.ts';
import { ARGS, CHROMIUM } from './chromium.ts';
import { describeIn, type Kind } from './describe-in.ts';

/** A page of a visitor. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Runs in the page; what it is given and returns is plain data. */
  run<Result, Given>(work: (given: Given) => Result | Promise<Result>, given?: Given): Promise<Result>;
}

/** One person's browser: cookies and storage of its own. */
export interface Visitor {
  /** @param before runs in every page, before anything else */
  open(url: string, before?: () => void): Promise<Tab>;
  end(): Promise<void>;
}

export interface Engine {
  visitor(): Promise<Visitor>;
  close(): Promise<void>;
}

const CHROMIUM_ENGINE: Kind<Engine> = {
  ...CHROMIUM,
  async launch(executablePath) {
    const browser = await chromium.launch({ executablePath, args: ARGS });
    return {
      close: () => browser.close(),
      async visitor() {
        const context = await browser.newContext();
        return {
          end: () => context.close(),
          async open(url, before) {
            const page = await context.newPage();
            if (before) await page.addInitScript(before);
            await page.goto(url);
            return {
              goto: async (next) => void (await page.goto(next)),
              run: (work, given) => page.evaluate(work as never, given) as Promise<never>,
            };
          },
        };
      },
    };
  },
};

const FIREFOX_ENGINE: Kind<Engine> = {
  name: 'Firefox',
  variable: 'FIREFOX',
  usual: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
  async launch(executablePath) {
    const browser = await puppeteer.launch({ executablePath, browser: 'firefox' });
    return {
      close: () => browser.close(),
      async visitor() {
        const context = await browser.createBrowserContext();
        return {
          end: () => context.close(),
          async open(url, before) {
            const page = await context.newPage();
            if (before) await page.evaluateOnNewDocument(before);
            await page.goto(url);
            return {
              goto: async (next) => void (await page.goto(next)),
              run: (work, given) => page.evaluate(work as never, given) as Promise<never>,
            };
          },
        };
      },
    };
  },
};

/** A suite for each engine; where one is not there the suite says so by name. */
export const describeInEveryEngine = (name: string, suite: (engine: () => Engine) => void): void => {
  for (const kind of [CHROMIUM_ENGINE, FIREFOX_ENGINE]) describeIn(kind, `${name}, in ${kind.name}`, suite);
};

/** Labels of what can be seen, in whichever shadow root. */
export const labels = (tab: Tab): Promise<string[]> =>
  tab.run(() => {
    const all = (root: Document | ShadowRoot): Element[] =>
      [...root.querySelectorAll('*')].flatMap((node) => [
        node,
        ...(node.shadowRoot ? all(node.shadowRoot) : []),
      ]);
    return all(document)
      .filter((node) => node.getClientRects().length > 0)
      .map((node) => node.getAttribute('aria-label') ?? '')
      .filter(Boolean);
  });

/** Presses what is labelled so, once it is there. */
export const press = async (tab: Tab, label: string): Promise<void> => {
  await until(
    () => labels(tab),
    (all) => all.includes(label),
  );
  await tab.run((wanted) => {
    const all = (root: Document | ShadowRoot): Element[] =>
      [...root.querySelectorAll('*')].flatMap((node) => [
        node,
        ...(node.shadowRoot ? all(node.shadowRoot) : []),
      ]);
    const found = all(document).find((node) => node.getAttribute('aria-label') === wanted);
    (found as HTMLElement).click();
  }, label);
};

/** Our events on `window`, such as `error cookie_blocked`; begins with the page. */
export const noteEvents = () => {
  const noted: string[] = [];
  Object.assign(window, { noted });
  for (const name of ['ready', 'renewed', 'expired', 'changed', 'opened', 'closed', 'error', 'disposed']) {
    window.addEventListener(`genesys-guest:${name}`, (event) => {
      const { detail } = event as CustomEvent;
      noted.push(name === 'error' ? `error ${detail.code}` : name);
    });
  }
};

/** Waits until the page has told the event. */
export const hears = (tab: Tab, name: string): Promise<string[]> =>
  until(
    () => tab.run(() => (window as unknown as { noted: string[] }).noted),
    (all) => all.includes(name),
  );
