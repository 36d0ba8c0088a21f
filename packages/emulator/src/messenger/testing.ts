// A page in jsdom with the deployment's snippet, the bundled script, and a clock that is moved by hand.
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { JSDOM } from 'jsdom';
import { afterEach, beforeEach, vi } from 'vitest';
import type { LauncherVisibility } from '../settings.ts';
import { type Cloud, startCloud } from './testing-cloud.ts';

const ORIGIN = 'http://cloud.example';

const script = buildSync({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
}).outputFiles[0]?.text as string;

export interface Envelope {
  readonly event: string;
  readonly eventName?: string;
  readonly data: Record<string, unknown>;
}

export interface PageOptions {
  readonly url?: string;
  readonly allowedDomains?: readonly string[];
  readonly status?: 'Active' | 'Inactive';
  readonly headless?: boolean;
  readonly launcher?: LauncherVisibility;
  /** The platform that another page spoke to; then the options above are its own. */
  readonly cloud?: Cloud;
  /** Milliseconds until each of the deployment's files comes. */
  readonly filesAfter?: number;
  /** What an earlier page left in the browser. */
  readonly stored?: Readonly<Record<string, string>>;
}

export type Outcome = readonly ['resolved' | 'rejected', unknown];

export interface Page {
  readonly window: JSDOM['window'];
  readonly cloud: Cloud;
  /** `window.Genesys` of this moment. */
  genesys(...args: unknown[]): unknown;
  /** Subscribes; the list grows as events come. */
  hear(event: string): Envelope[];
  /** Gives a command; the list gets its outcome, if there is one. */
  order(name: string, options?: unknown): Outcome[];
  /** Lets the script come. */
  load(): void;
  /** Lets time pass. */
  pass(ms?: number): Promise<void>;
  readonly fetched: readonly string[];
  /** What is shown under this label, wherever it is on the page; `undefined` where it is hidden or not there. */
  find(label: string): HTMLElement | undefined;
}

export const openPage = (options: PageOptions = {}): Page => {
  const { url = 'https://shop.example/', filesAfter = 0 } = options;
  const fetched: string[] = [];
  const cloud =
    options.cloud ??
    startCloud({
      allowedDomains: options.allowedDomains,
      deploymentStatus: options.status,
      headless: options.headless,
      launcher: options.launcher,
    });
  const dom = new JSDOM('<!doctype html><body></body>', { url, runScripts: 'outside-only' });
  const { window } = dom;
  for (const [key, value] of Object.entries(options.stored ?? {})) window.localStorage.setItem(key, value);
  const fetchFile = async (address: string, init?: RequestInit) => {
    if (address.endsWith('.json')) {
      fetched.push(address);
      await new Promise((resolve) => setTimeout(resolve, filesAfter));
    }
    return cloud.fetch(address, init);
  };
  Object.assign(window, {
    fetch: fetchFile,
    WebSocket: cloud.WebSocket,
    TextEncoder,
    structuredClone,
    console,
    setTimeout: (work: () => void, ms: number) => setTimeout(work, ms),
    clearTimeout: (timer: ReturnType<typeof setTimeout>) => clearTimeout(timer),
  });
  Object.defineProperty(window.document, 'currentScript', {
    value: { src: `${ORIGIN}/genesys-bootstrap/genesys.min.js` },
  });
  window.eval(`
    window._genesysJs = 'Genesys';
    window.Genesys = function () { (Genesys.q = Genesys.q || []).push(arguments); };
    Genesys.t = 1 * new Date();
    Genesys.c = { environment: 'prod-euw1', deploymentId: 'd1', unknown: true };
  `);
  const genesys = (...args: unknown[]) =>
    (window as unknown as { Genesys: (...args: unknown[]) => unknown }).Genesys(...args);
  return {
    window,
    cloud,
    genesys,
    fetched,
    hear(event) {
      const heard: Envelope[] = [];
      genesys('subscribe', event, (envelope: Envelope) => heard.push(envelope));
      return heard;
    },
    order(name, given) {
      const outcomes: Outcome[] = [];
      genesys(
        'command',
        name,
        given,
        (value: unknown) => outcomes.push(['resolved', value]),
        (reason: unknown) => outcomes.push(['rejected', reason]),
      );
      return outcomes;
    },
    load: () => window.eval(script),
    pass: async (ms = 1_000) => void (await vi.advanceTimersByTimeAsync(ms)),
    find(label) {
      const hosts = [...window.document.querySelectorAll<HTMLElement>('body > div')].filter(
        ({ hidden }) => !hidden,
      );
      const found = hosts
        .map(({ shadowRoot }) => shadowRoot?.querySelector<HTMLElement>(`[aria-label="${label}"]`))
        .find((node) => node && !node.closest('[hidden]'));
      return found ?? undefined;
    },
  };
};

/** What the page keeps in the browser. */
export const storageOf = ({ window }: Page): Record<string, string> =>
  Object.fromEntries(Object.entries(window.localStorage));

/** Where Messenger keeps a member's tokens. */
export const TOKENS = ['_d1:gcatkn', '_d1:gcartkn'];

/** Those of the keys that the page has. */
export const tokensIn = (page: Page): string[] => TOKENS.filter((key) => key in storageOf(page));

/** Writes `text` into the window and sends it. */
export const say = (page: Page, text: string): void => {
  const input = page.find('Message') as HTMLTextAreaElement;
  input.value = text;
  page.find('Send')?.click();
};

/** A page on which the script has come and everything is there. */
export const startPage = async (options: PageOptions = {}): Promise<Page> => {
  const page = openPage(options);
  page.load();
  await page.pass();
  return page;
};

/** Stops the clock for every test of the file, and keeps Messenger's own complaints out of the output. */
export const useStillClock = (): void => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(console, 'warn').mockReturnValue();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
};
