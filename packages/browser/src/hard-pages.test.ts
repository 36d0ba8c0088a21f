// @vitest-environment jsdom
// Pages that are hard on a chat: each ends in a working one or in a clear error, in time, and never in an exception.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boot, type GuestSession } from './index.ts';
import { BOOT, closePage, FakeChannel, openPage, runScript, type TestPage } from './testing/page.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
  page.server.externalId = 'anna';
});
afterEach(closePage);

const outcome = async (ms = 15_000) => {
  const booting = boot(BOOT).then(
    () => 'ready',
    ({ code }) => code,
  );
  await page.pass(ms);
  return booting;
};

describe('Messenger', () => {
  it.each([
    ['is blocked', { fate: 'fails' as const }, 'messenger_blocked'],
    ['never comes', { fate: 'hangs' as const }, 'messenger_timeout'],
    ['is not allowed on this domain', { options: { allowed: false } }, 'domain_not_allowed'],
    ['is switched off', { options: { status: 'Inactive' } }, 'deployment_inactive'],
    ['has no window', { options: { headless: true } }, 'messenger_headless'],
    [
      'has no window and does not say so',
      { options: { headless: true, tellsConfiguration: false } },
      'messenger_headless',
    ],
    ['comes at the second try', { fate: 'fails once' as const }, 'ready'],
    ['is an older build', { options: { tellsConfiguration: false } }, 'ready'],
  ])('%s', async (_, setting, expected) => {
    Object.assign(page, setting);
    expect(await outcome()).toBe(expected);
    const errors = page.events.filter((event) => event.startsWith('error'));
    expect(errors).toEqual(expected === 'ready' ? [] : [`error ${expected}`]);
  });

  it('that opens slowly has opened all the same', async () => {
    page.options = { slow: 3_000 };
    boot(BOOT);
    await page.pass(200);
    const opening = (await boot()).open();
    await page.pass(4_000);
    await opening;
    expect(page.events).toEqual(['renewed', 'ready', 'opened']);
  });

  it('whose window was taken from the page is not said to have opened', async () => {
    boot(BOOT);
    await page.pass(200);
    const frame = Object.assign(document.createElement('div'), { id: 'genesys-mxg-frame' });
    document.body.append(frame);
    await page.pass(10);
    frame.remove();
    const opening = expect((await boot()).open()).rejects.toMatchObject({ code: 'messenger_timeout' });
    await page.pass(11_000);
    await opening;
  });

  it('that was blocked can be booted again', async () => {
    page.fate = 'fails';
    expect(await outcome()).toBe('messenger_blocked');
    expect(page.events.at(-1)).toBe('disposed');
    page.fate = 'loads';
    expect(await outcome()).toBe('ready');
  });

  it('that comes late is welcome', async () => {
    page.fate = 'hangs';
    expect(await outcome()).toBe('messenger_timeout');
    const [script] = document.scripts;
    page.fate = 'loads';
    runScript(page, script as HTMLScriptElement);
    await page.pass(200);
    expect(page.events.at(-1)).toBe('ready');
    expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
    expect((await boot()).token).toBe('token-1');
  });

  it('without a window is fine for a page that wants none', async () => {
    page.options = { headless: true };
    const booting = boot({ ...BOOT, launcher: 'none' });
    await page.pass(200);
    const session = await booting;
    expect(page.events).toEqual(['renewed', 'ready']);
    const opening = expect(session.open()).rejects.toMatchObject({ code: 'messenger_headless' });
    await page.pass(11_000);
    await opening;
  });

  it.each([
    [undefined, false],
    [true, true],
  ])('shows its launcher where that waits to be asked only if the page asks (%s)', async (show, visible) => {
    page.options = { visibility: 'OnDemand' };
    boot({ ...BOOT, show });
    await page.pass(200);
    expect(page.events).toContain('ready');
    expect(page.messenger?.launcherVisible).toBe(visible);
  });
});

const ROUNDS = 10_000;

describe('a page that boots', () => {
  it('twice has one session', async () => {
    const [first, second] = [boot(BOOT), boot(BOOT)];
    await page.pass(200);
    expect(await first).toBe(await second);
    expect(page.scripts).toBe(1);
    expect(page.server.requests).toHaveLength(2);
  });

  it('twice, with a signal each time, has a session that either ends', async () => {
    const controller = new AbortController();
    boot(BOOT);
    await page.pass(200);
    const session = await boot({ signal: controller.signal });
    controller.abort();
    expect(page.events.at(-1)).toBe('disposed');
    const next = boot(BOOT);
    await page.pass(200);
    expect(await next).not.toBe(session);
  });

  it('as React does in development, mount, unmount, mount, has one Messenger and one plugin', async () => {
    const first = boot(BOOT);
    const controller = new AbortController();
    first.catch(() => {});
    await page.pass(50);
    (await Promise.race([first, Promise.resolve(undefined)]))?.dispose();
    await page.pass(100);
    (await boot()).dispose();
    const second = boot({ ...BOOT, signal: controller.signal });
    await page.pass(100);
    expect((await second).token).toBe('token-1');
    expect(page.scripts).toBe(1);
    window.Genesys?.('command', 'GuestToken.get', {}, (token) => page.events.push(`plugin ${token}`));
    await page.pass(10);
    expect(page.events.at(-1)).toBe('plugin token-1');
  });

  it('and ends the session at once asks nobody', async () => {
    const controller = new AbortController();
    const booting = boot({ ...BOOT, signal: controller.signal });
    controller.abort();
    await expect(booting).rejects.toThrow('abort');
    await page.pass(1_000);
    expect(page.asked).toEqual([]);
  });

  it('again when told of the end has a session that hears', async () => {
    const first = boot(BOOT);
    await page.pass(200);
    let second: Promise<GuestSession> | undefined;
    const again = () => {
      second = boot(BOOT);
    };
    window.addEventListener('genesys-guest:disposed', again, { once: true });
    (await first).dispose();
    await page.pass(200);
    (await second)?.open();
    await page.pass(200);
    expect(page.events.slice(2)).toEqual(['disposed', 'ready', 'renewed', 'opened']);
  });

  it('with a launcher that throws is told, and can boot again', async () => {
    const launcher = () => {
      throw new Error('no place for it yet');
    };
    await expect(boot({ ...BOOT, launcher })).rejects.toThrow('no place for it yet');
    const booting = boot(BOOT);
    await page.pass(200);
    expect((await booting).token).toBe('token-1');
    expect(page.events).toEqual(['disposed', 'renewed', 'ready']);
  });

  it('while it is prerendered costs nothing until it is shown', async () => {
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
    boot(BOOT);
    await page.pass(60_000);
    expect([page.server.requests, page.scripts]).toEqual([[], 0]);
    Reflect.deleteProperty(document, 'prerendering');
    document.dispatchEvent(new Event('prerenderingchange'));
    await page.pass(200);
    expect(page.events).toContain('ready');
  });

  it('under Trusted Types hands over an URL that was trusted', async () => {
    const createPolicy = vi.fn((_: string, rules: { createScriptURL(url: string): string }) => rules);
    vi.stubGlobal('trustedTypes', { createPolicy });
    page.fate = 'fails once';
    expect(await outcome()).toBe('ready');
    expect(page.scripts).toBe(2);
    // A page may allow one policy of a name, and no second.
    expect(createPolicy).toHaveBeenCalledExactlyOnceWith('genesys-guest', expect.anything());
  });

  it('with storage refused works, and forgets the conversation', async () => {
    vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    expect(await outcome()).toBe('ready');
    page.messenger?.publish('MessagingService.started');
    await page.pass(10);
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual([]);
  });

  it('and disposes ten thousand times leaks no listener, timer, channel or node', {
    timeout: 60_000,
  }, async () => {
    const counts = { listeners: 0 };
    boot(BOOT);
    await page.pass(20_000);
    (await boot()).dispose();
    await page.pass(20_000);
    const nodes = document.querySelectorAll('*').length;
    const subscribers = page.messenger?.subscribers('Messenger.opened');
    const undo = [window, document].map((target) => {
      const add: EventTarget['addEventListener'] = target.addEventListener.bind(target);
      target.addEventListener = (
        type: string,
        listener: EventListener,
        options?: AddEventListenerOptions,
      ) => {
        counts.listeners += 1;
        options?.signal?.addEventListener('abort', () => {
          counts.listeners -= 1;
        });
        add(type, listener, options);
      };
      return () => Reflect.deleteProperty(target, 'addEventListener');
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      const booting = boot({ ...BOOT, launcher: round % 2 ? 'genesys' : 'none' });
      booting.catch(() => {});
      const shelf = (window as unknown as Record<symbol, { session: { dispose(): void } }>)[
        Symbol.for('genesys-guest')
      ];
      shelf?.session.dispose();
      if (round % 20 === 0) await page.pass(21_000);
    }
    await page.pass(30_000);
    for (const each of undo) each();
    expect(vi.getTimerCount()).toBe(0);
    expect(counts.listeners).toBe(0);
    expect(FakeChannel.open).toBe(0);
    expect(document.querySelectorAll('*').length).toBe(nodes);
    expect(page.messenger?.subscribers('Messenger.opened')).toBe(subscribers);
  });
});
