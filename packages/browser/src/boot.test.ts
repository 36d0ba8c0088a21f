// @vitest-environment jsdom
// A page boots: Messenger and the token beside each other, neither in the other's way.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bootSession } from './boot.ts';
import { boot, facade } from './index.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';
import { ANONYMOUS, ENDPOINT, MESSENGER } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

const EAGER = { ...BOOT, token: 'eager' } as const;

describe('a first visitor', () => {
  it('gets Messenger at once, a cookie, a token and their attributes', async () => {
    page.server.attributes = { plan: 'gold' };
    const booting = boot(EAGER);
    expect(document.scripts).toHaveLength(1);
    await page.pass(100);
    const session = await booting;
    expect(page.server.requests).toEqual(['GET /config', 'POST /renew {}', 'POST /renew {"again":true}']);
    expect(session.token).toBe('token-1');
    expect(session.config).toMatchObject({ externalId: ANONYMOUS, guestToken: 'token-1' });
    expect(page.messenger?.attributes).toEqual({ externalId: ANONYMOUS, plan: 'gold' });
    expect(page.events).toEqual(['renewed', 'ready']);
  });

  it('has the snippet of the platform on the page', () => {
    boot({ ...BOOT, nonce: 'n0nce' }).catch(() => {});
    const [script] = document.scripts;
    expect(script).toMatchObject({ src: MESSENGER.bootstrap, async: true, nonce: 'n0nce' });
    expect(script?.getAttribute('charset')).toBe('utf-8');
    expect(window._genesysJs).toBe('Genesys');
    expect(window.Genesys?.c).toEqual({ environment: 'prod-euw1', deploymentId: 'deployment-1' });
    expect(window.Genesys?.t).toBe(Date.now());
    expect(Object.prototype.toString.call(window.Genesys?.q?.[0])).toBe('[object Arguments]');
  });
});

describe('chunks of a bundle that do not come, as after a deployment', () => {
  const load = async () => {
    throw new TypeError('Failed to fetch dynamically imported module');
  };

  it('are told, and do not take the chat', async () => {
    page.server.externalId = 'anna';
    bootSession({ ...BOOT, load });
    await page.pass(200);
    expect(page.events).toEqual(['error config_failed', 'ready']);
    await expect((await boot()).getToken()).rejects.toMatchObject({ code: 'config_failed' });
  });

  it('are told where the launcher is one of them', async () => {
    const booting = bootSession({ ...BOOT, launcher: 'facade', load });
    await expect(booting).rejects.toMatchObject({ code: 'config_failed' });
    expect([page.events, page.scripts]).toEqual([['error config_failed'], 0]);
  });
});

describe('failures of our server', () => {
  it('do not take the chat: Messenger comes, and the guest when the server is back', async () => {
    page.server.faults.push('network', 'html', { status: 500, code: 'identify_failed' });
    boot(EAGER);
    await page.pass(100);
    const session = await boot();
    expect(page.events).toEqual(['error config_failed', 'ready']);
    expect(session.token).toBeUndefined();
    await page.pass(20_000);
    expect(page.events).toEqual([
      'error config_failed',
      'ready',
      'error config_failed',
      'error identify_failed',
      'renewed',
    ]);
    expect(session.token).toBe('token-1');
  });

  it('keep a page without settings of its own waiting, but not for ever', async () => {
    page.server.faults.push('hang');
    const failed = expect(boot({ endpoint: ENDPOINT, token: 'eager' })).rejects.toMatchObject({
      code: 'config_failed',
    });
    await page.pass(15_000);
    await failed;
    expect(page.scripts).toBe(0);
    await page.pass(10_000);
    expect(page.events.at(-1)).toBe('ready');
    expect((await boot()).token).toBe('token-1');
  });

  it.each([
    ['at once when the network is back', 'network' as const, 1],
    [
      'but never before the server’s Retry-After',
      { status: 429, code: 'too_many_guests', retryAfter: 600 } as const,
      0,
    ],
  ])('are tried again %s', async (_, fault, tries) => {
    page.server.faults.push(...Array.from({ length: 8 }, () => fault));
    boot(EAGER);
    await page.pass(120_000);
    const asked = page.server.requests.length;
    window.dispatchEvent(new Event('online'));
    await page.pass(1);
    expect(page.server.requests.length - asked).toBe(tries);
  });

  it('say what to do', async () => {
    page.server.faults.push('network', {
      status: 403,
      code: 'not_admitted',
      detail: 'Solve the puzzle first.',
    });
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    boot(EAGER);
    await page.pass(10);
    const session = await Promise.race([boot(EAGER), page.pass(500).then(() => boot())]);
    const [first] = await Promise.all([
      session.renew().catch((error: Error) => error.message),
      page.pass(500),
    ]);
    expect(first).toBe('not_admitted: Solve the puzzle first.');
  });

  it('wait as long as the server asks', async () => {
    page.server.faults.push({ status: 429, code: 'too_many_guests', retryAfter: 60 });
    boot(EAGER);
    await page.pass(60_000);
    expect(page.server.requests).toHaveLength(1);
    await page.pass(2_000);
    expect((await boot()).token).toBe('token-1');
  });
});

describe('the end', () => {
  const booted = async (options: object = {}) => {
    boot({ ...EAGER, ...options });
    await page.pass(100);
    return boot();
  };

  it('of a session stops everything and leaves Messenger', async () => {
    const session = await booted();
    session.dispose();
    session[Symbol.dispose]();
    page.server.requests.length = 0;
    await page.pass(10_000_000);
    expect(page.server.requests).toEqual([]);
    expect(page.events.at(-1)).toBe('disposed');
    expect(page.events.filter((event) => event === 'disposed')).toHaveLength(1);
    for (const ended of [session.renew(), session.refresh(), session.getToken(), session.open()]) {
      await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
    }
  });

  it('of a session leaves Messenger as it is, whatever is asked of it then', async () => {
    const session = await booted();
    await Promise.all([session.open(), page.pass(500)]);
    const commands = page.messenger?.commands.length;
    session.dispose();
    const late: string[] = [];
    session.on('ready', () => late.push('ready'));
    session.setContext({ cart: '3' });
    await session.close();
    await page.pass(1_000);
    expect([page.messenger?.commands.length, late]).toEqual([commands, []]);
  });

  it.each(['On', 'Off'] as const)(
    'while a window is to open opens none, and is no failure (%s)',
    async (visibility) => {
      page.options = { visibility };
      const session = await boot({ ...BOOT, launcher: facade });
      const opening = expect(session.open()).rejects.toMatchObject({ name: 'AbortError' });
      await page.pass(5);
      session.dispose();
      await page.pass(30_000);
      await opening;
      expect(page.messenger?.commands).not.toContain('Messenger.open');
      expect(page.events).toEqual(['ready', 'disposed']);
    },
  );

  it('before first use loads nothing, not even for open', async () => {
    const session = await boot({ ...BOOT, launcher: facade });
    session.dispose();
    await expect(session.open()).rejects.toMatchObject({ name: 'AbortError' });
    await page.pass(1_000);
    expect([page.scripts, page.server.requests]).toEqual([0, []]);
  });

  it('comes with the signal', async () => {
    const controller = new AbortController();
    const booting = boot({ ...BOOT, signal: controller.signal });
    controller.abort(new Error('unmounted'));
    await expect(booting).rejects.toThrow('unmounted');
    expect(page.events).toEqual(['disposed']);
    await expect(boot({ ...BOOT, signal: controller.signal })).rejects.toThrow('unmounted');
  });

  it('comes with forget: cookie, attributes and conversation are gone', async () => {
    page.options = { attributes: { cart: '3' } };
    const session = await booted();
    page.messenger?.republish('MessagingService.started');
    await page.pass(10);
    await Promise.all([session.forget(), page.pass(100)]);
    expect(page.server.requests.at(-1)).toBe('POST /forget {}');
    expect(page.messenger?.attributes).toEqual({ cart: '3' });
    expect(page.messenger?.commands).toContain('MessagingService.clearConversation');
    expect(page.messenger?.commands.at(-1)).toBe('Messenger.clear');
    expect(page.events.at(-1)).toBe('disposed');
    await expect(boot(BOOT)).rejects.toMatchObject({ code: 'messenger_cleared' });
  });

  it('comes with forget, whatever the server says, but the caller is told', async () => {
    const session = await booted();
    page.server.faults.push('network');
    const done = expect(session.forget()).rejects.toMatchObject({ code: 'config_failed' });
    await page.pass(100);
    await done;
    expect(page.messenger?.cleared).toBe(true);
    expect(page.events.at(-1)).toBe('disposed');
  });

  it.each(['dispose', 'abort', 'forget'])('by %s leaves forget as it was', async (how) => {
    const controller = new AbortController();
    const session = await booted({ signal: controller.signal });
    if (how === 'dispose') session.dispose();
    if (how === 'abort') controller.abort();
    if (how === 'forget') await Promise.all([session.forget(), page.pass(100)]);
    page.server.requests.length = 0;
    await Promise.all([session.forget(), page.pass(100)]);
    expect(page.server.requests).toEqual(['POST /forget {}']);
    expect(page.messenger?.cleared).toBe(true);
    expect(page.events.filter((event) => event === 'disposed')).toHaveLength(1);
  });
});
