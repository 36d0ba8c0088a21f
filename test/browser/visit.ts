// A visit to a page, under watch: what the console says, what a policy refuses, what is asked of the server, which events come.
import type {} from '@genesys-guest/browser';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

declare global {
  interface Window {
    watched?: { readonly violations: string[]; readonly events: { name: string; detail: string }[] };
  }
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Warnings and errors of the console, and errors that nobody caught. */
  readonly complaints: string[];
  /** Requests to the site under `/chat`, such as `POST /renew`. */
  readonly asked: string[];
  /** The events that came on `window`, oldest first. */
  events(): Promise<{ name: string; detail: string }[]>;
  /** The guest's token at this moment. */
  token(): Promise<string | undefined>;
  /** Ends the visit. Fails where the page had anything to complain about, or a token lay about. */
  end(): Promise<void>;
}

const watch = () => {
  const watched: NonNullable<Window['watched']> = { violations: [], events: [] };
  window.watched = watched;
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    watched.violations.push(`${violatedDirective}: ${blockedURI}`),
  );
  for (const name of ['ready', 'renewed', 'expired', 'changed', 'opened', 'closed', 'error', 'disposed']) {
    window.addEventListener(`genesys-guest:${name}`, (event) =>
      watched.events.push({ name, detail: JSON.stringify((event as CustomEvent).detail ?? null) }),
    );
  }
};

export const visit = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  const tokens = new Set<string>();
  await page.addInitScript(watch);
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === new URL(url).origin && pathname.startsWith('/chat/')) {
      asked.push(`${request.method()} ${pathname.slice('/chat'.length)}`);
    }
  });
  // Every token that this page was ever given, also those that were replaced since.
  page.on('response', async (response) => {
    if (!/\/chat\/(config|renew)$/.test(response.url())) return;
    const { guestToken } = await response.json().catch(() => ({}));
    if (guestToken !== undefined) tokens.add(guestToken);
  });
  await page.goto(url);

  const events = () => page.evaluate(() => window.watched?.events ?? []);
  return {
    page,
    context,
    complaints,
    asked,
    events,
    token: () => page.evaluate(async () => (await window.GenesysGuest?.boot())?.token),
    async end() {
      const found = JSON.stringify([await page.evaluate(leftBehind), page.url(), complaints]);
      expect(await page.evaluate(() => window.watched?.violations)).toEqual([]);
      expect(complaints).toEqual([]);
      for (const token of tokens) {
        // Not `toContain`: a failure would print the token.
        expect(found.includes(token), 'a token lies about in the page').toBe(false);
      }
      await context.close();
    },
  };
};

/** Everything of a page that a tag manager, an extension or the next page can read. */
const leftBehind = async () => {
  const { Genesys } = window as unknown as {
    Genesys: { c?: unknown; q?: unknown; t?: unknown } & typeof genesys;
  };
  type Done = (value: unknown) => void;
  const genesys = (_kind: string, _name: string, _options: object, _done: Done, _failed: Done) => {};
  const database = await new Promise((resolve) => {
    if (Genesys) Genesys('command', 'Database.get', {}, resolve, resolve);
    else resolve(undefined);
  });
  return {
    events: window.watched?.events,
    stored: [{ ...localStorage }, { ...sessionStorage }, document.cookie],
    genesys: [
      Genesys?.c,
      Genesys?.t,
      [...((Genesys?.q ?? []) as ArrayLike<unknown>[])].map((call) => [...Array.from(call)]),
    ],
    database,
    html: document.documentElement.outerHTML,
    globals: Object.entries(window).filter(([, value]) => typeof value === 'string'),
    resources: performance.getEntriesByType('resource').map(({ name }) => name),
  };
};
