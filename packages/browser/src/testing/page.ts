// A page for tests under jsdom: our server, Messenger's script when it is asked for, other tabs, and a clock that stands.
import { vi } from 'vitest';
import { facade } from '../facade/facade.ts';
import { startKeeper } from '../guest/keeper.ts';
import { startMembers } from '../members/members.ts';
import { thisPage } from '../page.ts';
import type { GuestEvents } from '../types.ts';
import { type FakeMessenger, type FakeMessengerOptions, runBootstrap } from './messenger.ts';
import { ENDPOINT, type FakeServer, fakeServer, MESSENGER } from './server.ts';

/** What happens to Messenger's script. */
export type ScriptFate = 'loads' | 'fails' | 'fails once' | 'hangs';

export interface TestPage {
  readonly server: FakeServer;
  /** Messenger, once its script has run. */
  messenger: FakeMessenger | undefined;
  fate: ScriptFate;
  /** What happens to `facade.js`; `strange`: something else comes in its place. */
  facadeFate: 'loads' | 'fails' | 'fails once' | 'strange';
  /** What happens to `guest.js`, and to `members.js`. */
  guestFate: 'loads' | 'fails' | 'fails once';
  membersFate: 'loads' | 'fails';
  /** `navigator.connection.saveData`. */
  savesData: boolean;
  options: FakeMessengerOptions;
  /** Events on `window`, such as `error config_failed`. */
  readonly events: string[];
  /** URLs that were asked of any server. */
  readonly asked: string[];
  /** How often Messenger's script was asked for. */
  scripts: number;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

const TYPES: readonly (keyof GuestEvents)[] = [
  'ready',
  'renewed',
  'expired',
  'changed',
  'opened',
  'closed',
  'error',
  'disposed',
];

/** Tabs of one browser: each message goes to every channel of the name but the one that sent it. */
const channels = new Set<FakeChannel>();
export class FakeChannel {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
    channels.add(this);
  }
  postMessage(data: unknown): void {
    for (const channel of channels) {
      if (channel !== this && channel.name === this.name) {
        setTimeout(() => channels.has(channel) && channel.onmessage?.({ data: structuredClone(data) }), 0);
      }
    }
  }
  close(): void {
    channels.delete(this);
  }
  static get open(): number {
    return channels.size;
  }
}

export const openPage = (): TestPage => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 23) });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const server = fakeServer();
  vi.stubGlobal('fetch', (...args: Parameters<typeof fetch>) => {
    page.asked.push(String(args[0]));
    return server.fetch(...args);
  });
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  Object.defineProperty(navigator, 'connection', {
    configurable: true,
    get: () => ({ saveData: page.savesData }),
  });
  const page: TestPage = {
    server,
    messenger: undefined,
    fate: 'loads',
    facadeFate: 'loads',
    guestFate: 'loads',
    membersFate: 'loads',
    savesData: false,
    options: {},
    events: [],
    asked: [],
    scripts: 0,
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
  };
  for (const type of TYPES) {
    const heard = (event: Event) => {
      const { detail } = event as CustomEvent;
      page.events.push(type === 'error' ? `error ${detail.code}` : type);
    };
    window.addEventListener(`genesys-guest:${type}`, heard);
    cleanups.push(() => window.removeEventListener(`genesys-guest:${type}`, heard));
  }
  watchScripts(page);
  return page;
};

const cleanups: (() => void)[] = [];

/** jsdom loads no scripts here: what is put into the head for Messenger happens as the test wants it. */
const watchScripts = (page: TestPage): void => {
  const append = document.head.append.bind(document.head);
  vi.spyOn(document.head, 'append').mockImplementation((...nodes) => {
    append(...nodes);
    for (const node of nodes) {
      if (!(node instanceof HTMLScriptElement)) continue;
      if (node.src === MESSENGER.bootstrap) runScript(page, node);
      if (node.src === `${ENDPOINT}/facade.js`) runFacade(page, node);
      if (node.src === `${ENDPOINT}/guest.js`) runGuest(page, node);
      if (node.src === `${ENDPOINT}/members.js`) runMembers(page, node);
    }
  });
};

/** What the browser does with a script tag for Messenger. */
export const runScript = (page: TestPage, script: HTMLScriptElement): void => {
  page.scripts += 1;
  const { fate } = page;
  if (fate === 'fails once') page.fate = 'loads';
  if (fate === 'hangs') return;
  setTimeout(() => {
    if (fate !== 'loads') return script.dispatchEvent(new Event('error'));
    page.messenger = runBootstrap(page.options);
    return script.dispatchEvent(new Event('load'));
  }, 15);
};

const runFacade = (page: TestPage, script: HTMLScriptElement): void => {
  page.asked.push(script.src);
  const { facadeFate } = page;
  if (facadeFate === 'fails once') page.facadeFate = 'loads';
  setTimeout(() => {
    if (facadeFate === 'loads') thisPage().facade = facade;
    script.dispatchEvent(new Event(facadeFate.startsWith('fails') ? 'error' : 'load'));
  }, 15);
};

const runGuest = (page: TestPage, script: HTMLScriptElement): void => {
  page.asked.push(script.src);
  const { guestFate } = page;
  if (guestFate === 'fails once') page.guestFate = 'loads';
  setTimeout(() => {
    if (guestFate === 'loads') thisPage().guest = startKeeper;
    script.dispatchEvent(new Event(guestFate === 'loads' ? 'load' : 'error'));
  }, 15);
};

const runMembers = (page: TestPage, script: HTMLScriptElement): void => {
  page.asked.push(script.src);
  const { membersFate } = page;
  setTimeout(() => {
    if (membersFate === 'loads') thisPage().members = startMembers;
    script.dispatchEvent(new Event(membersFate === 'loads' ? 'load' : 'error'));
  }, 15);
};

/** As if the page had been loaded again. */
export const closePage = async (): Promise<void> => {
  vi.restoreAllMocks();
  const key = Symbol.for('genesys-guest');
  const shelf = window as unknown as Record<symbol, { session?: { dispose(): void } } | undefined>;
  shelf[key]?.session?.dispose();
  delete shelf[key];
  delete window.Genesys;
  delete window._genesysJs;
  for (const cleanup of cleanups.splice(0)) cleanup();
  channels.clear();
  document.head.replaceChildren();
  document.body.replaceChildren();
  localStorage.clear();
  Reflect.deleteProperty(navigator, 'connection');
  vi.unstubAllGlobals();
  vi.useRealTimers();
};

export const BOOT = { endpoint: ENDPOINT, messenger: MESSENGER };
