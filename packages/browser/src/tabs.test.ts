// @vitest-environment jsdom
// Several tabs of one browser: one of them asks, all of them know.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Api, createApi } from './api.ts';
import { startKeeper } from './guest/keeper.ts';
import { createGuest, type Guest } from './guest.ts';
import { closePage, openPage, type TestPage } from './testing/page.ts';
import { ENDPOINT } from './testing/server.ts';

let page: TestPage;
let open: AbortController[] = [];
beforeEach(() => {
  page = openPage();
  page.server.externalId = 'anna';
  vi.mocked(Math.random).mockImplementation(random());
});
afterEach(async () => {
  for (const each of open) each.abort();
  open = [];
  await closePage();
});

/** Numbers as a die would give them, and the same each time. */
const random = () => {
  let state = 0.42;
  return () => {
    state = (state * 9301 + 0.49297) % 1;
    return state;
  };
};

/** Web Locks of one browser. */
const locks = () => {
  const held = new Set<string>();
  return {
    request: async (name: string, _: unknown, work: (lock: object | null) => unknown) => {
      if (held.has(name)) return work(null);
      held.add(name);
      try {
        return await work({});
      } finally {
        held.delete(name);
      }
    },
  };
};

/** @param externalId who this tab is, for good: by a header of its own */
const openTab = (onForgotten = () => {}, externalId?: string): Guest => {
  const life = new AbortController();
  open.push(life);
  const { signal } = life;
  const api = createApi(ENDPOINT, undefined, signal);
  const guest = createGuest({
    endpoint: ENDPOINT,
    api: (async (...request: Parameters<Api>) => {
      const answer = await api(...request);
      return externalId ? { ...answer, externalId } : answer;
    }) as Api,
    signal,
    used: true,
    adopt() {},
    fail: (error) => error,
    left() {},
    onForgotten,
    load: async () => startKeeper,
  });
  guest.start();
  return guest;
};

const renewals = () => page.server.requests.filter((request) => request.startsWith('POST'));

describe('ten tabs', () => {
  it.each([
    ['with Web Locks', true],
    ['without Web Locks', false],
  ])('make one renewal %s', async (_, withLocks) => {
    vi.stubGlobal(
      'navigator',
      Object.create(navigator, { locks: { value: withLocks ? locks() : undefined } }),
    );
    openTab();
    await page.pass(100);
    const tabs = [...Array(9)].map(() => openTab());
    await page.pass(100);
    expect(renewals()).toHaveLength(1);
    page.server.delay = 50;
    await page.pass(560_000);
    expect(renewals()).toHaveLength(2);
    expect(new Set(tabs.map((tab) => tab.token()))).toEqual(new Set(['token-2']));
  });

  it('make one renewal where an answer reaches the others after the lock is free', async () => {
    vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: locks() } }));
    const Channel = BroadcastChannel;
    vi.stubGlobal(
      'BroadcastChannel',
      class extends Channel {
        override postMessage(message: unknown) {
          setTimeout(() => super.postMessage(message), 50);
        }
      },
    );
    // Each is due some ms after the one before.
    let spread = 0;
    vi.mocked(Math.random).mockImplementation(() => {
      spread += 0.0005;
      return spread;
    });
    openTab();
    await page.pass(100);
    const tabs = [openTab(), openTab(), openTab()];
    await page.pass(560_000);
    expect(tabs.map((tab) => tab.token())).toEqual(['token-2', 'token-2', 'token-2']);
    expect(renewals()).toHaveLength(2);
  });

  it('each renew for themselves where there is no channel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const tabs = [...Array(3)].map(() => openTab());
    await page.pass(560_000);
    expect(new Set(tabs.map((tab) => tab.token()))).toEqual(new Set(['token-2']));
    expect(renewals().length).toBeGreaterThanOrEqual(3);
  });

  it('do not wait for ever for a tab that holds the lock and does nothing', async () => {
    const hung = { request: async (_: string, __: unknown, work: (lock: null) => unknown) => work(null) };
    vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: hung } }));
    const tab = openTab();
    await page.pass(5_000);
    expect(renewals()).toHaveLength(0);
    await page.pass(15_000);
    expect(tab.token()).toBe('token-1');
  });
});

describe('another tab', () => {
  it('that signs in is heard by all, without a storm', async () => {
    const [one, two, three] = [openTab(), openTab(), openTab()];
    await page.pass(1_000);
    page.events.length = 0;
    page.server.requests.length = 0;
    page.server.externalId = 'bert';
    one.refresh();
    await page.pass(100);
    for (const tab of [one, two, three]) {
      expect(tab.config()?.externalId).toBe('bert');
      expect(tab.token()).toBe('token-2');
    }
    expect(page.events.filter((event) => event === 'changed')).toHaveLength(3);
    await page.pass(60_000);
    expect(page.server.requests.filter((request) => request === 'GET /config').length).toBeLessThan(10);
  });

  it.each([
    ['another guest', { externalId: 'mallory' }],
    ['another deployment', { webchatId: 'deployment-2' }],
    ['no fresher token', { expiresIn: 1 }],
  ])('of %s hands us no token', async (_, difference) => {
    const tab = openTab();
    await page.pass(1_000);
    const { config } = { config: tab.config() };
    const stranger = new BroadcastChannel(`genesys-guest:${ENDPOINT}`);
    stranger.postMessage([{ ...config, guestToken: 'stolen', expiresIn: 99_999, ...difference }, Date.now()]);
    await page.pass(1_000);
    expect(tab.token()).toBe('token-1');
    expect(tab.config()?.externalId).toBe('anna');
  });

  it('that is someone else for good is asked about once', async () => {
    page.server.source = 'none';
    const tabs = ['anna', 'bert', 'carl'].map((externalId) => openTab(() => {}, externalId));
    await page.pass(60_000);
    expect(tabs.map((tab) => tab.config()?.externalId)).toEqual(['anna', 'bert', 'carl']);
    expect(page.server.requests.length).toBeLessThan(12);
  });

  it('of another endpoint is not heard at all', async () => {
    const tab = openTab();
    await page.pass(1_000);
    const stranger = new BroadcastChannel('genesys-guest:https://site.example/other');
    stranger.postMessage([{ ...tab.config(), guestToken: 'other', expiresIn: 99_999 }, Date.now()]);
    await page.pass(1_000);
    expect(tab.token()).toBe('token-1');
  });

  it('that forgets the visitor ends the others', async () => {
    const forgotten = vi.fn();
    const [one] = [openTab(), openTab(forgotten)];
    await page.pass(1_000);
    one.tellForgotten();
    await page.pass(10);
    expect(forgotten).toHaveBeenCalledOnce();
  });

  it('is not needed to learn of a sign-out behind the back/forward cache', async () => {
    const tab = openTab();
    await page.pass(1_000);
    page.server.externalId = 'bert';
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await page.pass(100);
    expect(tab.config()?.externalId).toBe('bert');
  });
});
