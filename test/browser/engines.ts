// Every browser of this machine by one small interface, so that one list of tests runs in each of them.
import { afterEach } from 'vitest';
import { until } from './chat.ts';
import { describeIn } from './describe-in.ts';
import { CHROMIUM_ENGINE, FIREFOX_ENGINE } from './engines-by-devtools.ts';
import { WEBKIT } from './webkit.ts';

export type EngineName = 'Chromium' | 'Firefox' | 'WebKit';

/** A page of a visitor. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Runs in the page; what it is given and returns is plain data. */
  run<Result, Given>(work: (given: Given) => Result | Promise<Result>, given?: Given): Promise<Result>;
  /** Presses a key. */
  key(name: 'Tab' | 'Enter' | 'Escape' | 'Space'): Promise<void>;
}

/** How a browser is set. `no third-party cookies`: as its own tracking protection has it. */
export type Mode = 'usual' | 'private' | 'no cookies' | 'no third-party cookies';

/** One person's browser: cookies and storage of its own. */
export interface Visitor {
  /** @param before runs in every page of the site, before anything else of it */
  open(url: string, before?: () => void): Promise<Tab>;
  end(): Promise<void>;
}

export interface Engine {
  visitor(mode?: Mode): Promise<Visitor>;
  close(): Promise<void>;
}

/** Ends with each test the browsers that it left: one that failed did not come to that. */
const tidy = (engine: () => Engine): (() => Engine) => {
  const open = new Set<Visitor>();
  afterEach(async () => {
    for (const visitor of [...open]) await visitor.end();
  });
  return () => ({
    close: () => engine().close(),
    async visitor(mode) {
      const visitor = await engine().visitor(mode);
      const ours = {
        ...visitor,
        end() {
          open.delete(ours);
          return visitor.end();
        },
      };
      open.add(ours);
      return ours;
    },
  });
};

/** A suite for each of these engines; where one is not there the suite says so by name. */
export const describeInEveryEngine = (
  name: string,
  suite: (engine: () => Engine, engineName: EngineName) => void,
  names: readonly EngineName[] = ['Chromium', 'Firefox', 'WebKit'],
): void => {
  for (const kind of [CHROMIUM_ENGINE, FIREFOX_ENGINE, WEBKIT].filter(({ name }) =>
    names.includes(name as EngineName),
  )) {
    describeIn(kind, `${name}, in ${kind.name}`, (engine) => suite(tidy(engine), kind.name as EngineName));
  }
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

/** Presses what is labelled so, in whichever shadow root, or writes into it; answers its text. */
const use = (tab: Tab, label: string, how: { readonly click?: boolean; readonly text?: string } = {}) =>
  tab.run(
    ({ label, click, text }) => {
      const all = (root: Document | ShadowRoot): Element[] =>
        [...root.querySelectorAll('*')].flatMap((node) => [
          node,
          ...(node.shadowRoot ? all(node.shadowRoot) : []),
        ]);
      const found = all(document).find((node) => node.getAttribute('aria-label') === label) as
        | HTMLTextAreaElement
        | undefined;
      if (text !== undefined && found) found.value = text;
      if (click) found?.click();
      return found?.textContent ?? '';
    },
    { label, ...how },
  );

const appears = (tab: Tab, label: string) =>
  until(
    () => labels(tab),
    (all) => all.includes(label),
  );

/** Presses what is labelled so, once it is there. */
export const press = async (tab: Tab, label: string): Promise<void> => {
  await appears(tab, label);
  await use(tab, label, { click: true });
};

/** Says something in the open chat, and waits for the agent's answer. */
export const say = async (tab: Tab, text: string): Promise<void> => {
  await appears(tab, 'Message');
  await use(tab, 'Message', { text });
  await press(tab, 'Send');
  await until(
    () => use(tab, 'Conversation'),
    (said) => said.includes(`You said: ${text}`),
  );
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
