// @vitest-environment jsdom
// The script finds its endpoint and its options from its own tag, and does what the tag says.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closePage, openPage, type TestPage } from './testing/page.ts';
import { ENDPOINT, MESSENGER } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
  page.server.externalId = 'anna';
  delete window.GenesysGuest;
});
afterEach(closePage);

const addTag = (attributes: Record<string, string>) => {
  const tag = document.createElement('script');
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value);
  HTMLElement.prototype.append.call(document.head, tag);
  return tag;
};

/** Runs the script as the browser runs it for a tag with these attributes, or as somebody else runs its text. */
const run = async (
  attributes: Record<string, string>,
  settings = true,
  current: boolean | Element | Record<string, string> = true,
) => {
  const tag = addTag(attributes);
  const running = typeof current === 'boolean' ? current && tag : current;
  const script = running instanceof Element ? running : running && addTag(running);
  vi.spyOn(Document.prototype, 'currentScript', 'get').mockReturnValue((script || null) as HTMLScriptElement);
  if (settings) window.GenesysGuestMount = MESSENGER;
  vi.resetModules();
  await import('./script.ts');
};

const SRC = { src: `${ENDPOINT}/boot.js?v=1` };

describe('boot.js', () => {
  it('boots with the endpoint it came from and the settings of its mount, which it takes away', async () => {
    await run(SRC);
    await page.pass(200);
    expect(page.events).toEqual(['renewed', 'ready']);
    expect(page.server.requests[0]).toBe('GET /config');
    expect(window.GenesysGuestMount).toBeUndefined();
  });

  it('boots self-hosted, with the settings of the config', async () => {
    await run({ src: 'https://cdn.example/js/bundle.js', 'data-endpoint': ENDPOINT }, false);
    await page.pass(200);
    expect(page.events).toContain('ready');
  });

  it('does nothing under data-manual until it is told to', async () => {
    await run({ ...SRC, 'data-manual': '' });
    await page.pass(60_000);
    expect([page.server.requests, page.scripts]).toEqual([[], 0]);
    window.GenesysGuest?.boot();
    await page.pass(200);
    expect(page.events).toContain('ready');
  });

  describe('on a page that still loads', () => {
    beforeEach(() => {
      vi.spyOn(Document.prototype, 'readyState', 'get').mockReturnValue('interactive');
    });
    const asked = () => page.server.requests.length + page.scripts;

    it('waits for what the page itself loads', async () => {
      await run(SRC);
      await page.pass(2_000);
      expect(asked()).toBe(0);
      window.dispatchEvent(new Event('load'));
      await page.pass(200);
      expect(page.events).toContain('ready');
    });

    it('does not wait for a picture that hangs', async () => {
      await run(SRC);
      await page.pass(3_200);
      expect(page.events).toContain('ready');
    });

    it.each(['a conversation that goes on', 'a token that is asked for at once'])(
      'does not wait with %s',
      async (why) => {
        if (why.startsWith('a conversation')) localStorage['genesys-guest:conversation'] = 1;
        await run({ ...SRC, ...(why.startsWith('a token') && { 'data-token': 'eager' }) });
        await page.pass(200);
        expect(page.events).toContain('ready');
      },
    );

    it('leaves the start to a page that calls boot() itself, once', async () => {
      await run(SRC);
      const booting = window.GenesysGuest?.boot({ launcher: 'none' });
      await page.pass(200);
      (await booting)?.dispose();
      window.dispatchEvent(new Event('load'));
      await page.pass(4_000);
      expect(page.events).toEqual(['renewed', 'ready', 'disposed']);
    });
  });

  it.each(['loads', 'fails once'] as const)(
    'shows the facade by its name, with a script of its own from the mount: %s',
    async (fate) => {
      page.facadeFate = fate;
      await run({ ...SRC, 'data-launcher': 'facade', nonce: 'n0nce' });
      const [script] = document.querySelectorAll<HTMLScriptElement>('script[src$="facade.js"]');
      expect([script?.src, script?.nonce]).toEqual([`${ENDPOINT}/facade.js`, 'n0nce']);
      await page.pass(fate === 'loads' ? 100 : 1_100);
      expect(document.querySelector('genesys-guest')).not.toBeNull();
      expect([page.server.requests, page.events]).toEqual([[], ['ready']]);
      // The next session has it at hand.
      (await window.GenesysGuest?.boot())?.dispose();
      await window.GenesysGuest?.boot();
      expect(page.asked.length).toBe(fate === 'loads' ? 1 : 2);
    },
  );

  it.each(['fails', 'strange'] as const)(
    'without the facade’s script (%s) tells that, and loads nothing of Genesys',
    async (fate) => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      page.facadeFate = fate;
      await run({ ...SRC, 'data-launcher': 'facade' });
      await page.pass(20_000);
      expect(page.events).toEqual(['error config_failed']);
      expect(warn.mock.calls).toEqual([[expect.objectContaining({ code: 'config_failed' })]]);
      expect(page.scripts).toBe(0);
      page.facadeFate = 'loads';
      window.GenesysGuest?.boot();
      await page.pass(100);
      expect(page.events).toEqual(['error config_failed', 'ready']);
    },
  );

  it.each([
    [undefined, 0],
    ['genesys', 0],
    ['none', 1],
  ])('spares who saves data Messenger until it is used (%s)', async (launcher, scripts) => {
    page.savesData = true;
    await run({ ...SRC, ...(launcher && { 'data-launcher': launcher }) });
    await page.pass(200);
    expect(page.scripts).toBe(scripts);
    const button = document.querySelector('genesys-guest')?.shadowRoot?.querySelector('button');
    button?.dispatchEvent(new Event('focus'));
    expect(document.querySelector('link')).toBeNull();
    button?.click();
    await page.pass(500);
    expect(page.scripts).toBe(1);
  });

  it('hands its nonce on', async () => {
    await run({ ...SRC, 'data-nonce': 'n0nce' });
    const script = [...document.scripts].find(({ src }) => src === MESSENGER.bootstrap);
    expect(script?.nonce).toBe('n0nce');
  });

  it('twice on a page is one session, and a tag that a consent manager re-injects boots', async () => {
    await run({ ...SRC, 'data-manual': '' });
    await run(SRC);
    await run(SRC);
    await page.pass(200);
    expect(page.scripts).toBe(1);
    expect(page.events).toEqual(['renewed', 'ready']);
  });

  it('tells a launcher that there is not, and shows the platform’s own', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run({ ...SRC, 'data-launcher': 'fasade' });
    await page.pass(200);
    expect(warn.mock.calls).toEqual([[expect.objectContaining({ code: 'launcher_unknown' })]]);
    expect(page.events).toEqual(['error launcher_unknown', 'renewed', 'ready']);
  });

  it('takes what a call of boot() leaves undefined from the tag', async () => {
    await run({ ...SRC, 'data-manual': '', 'data-launcher': 'none', 'data-nonce': 'n0nce' });
    window.GenesysGuest?.boot({
      endpoint: undefined,
      launcher: undefined,
      nonce: undefined,
      messenger: undefined,
      token: 'eager',
    });
    await page.pass(200);
    expect(new Set(page.asked.map((url) => url.replace(/\/\w+(\.js)?$/, '')))).toEqual(new Set([ENDPOINT]));
    expect([document.scripts[1]?.nonce, page.events]).toEqual(['n0nce', ['renewed', 'ready']]);
  });

  it.each([
    ['data-show', () => page.messenger?.launcherVisible, true],
    ['data-token', () => page.server.requests.length, 3],
  ])('takes %s from the tag', async (name, read, expected) => {
    page.options = { visibility: 'OnDemand' };
    page.server.externalId = undefined;
    await run({ ...SRC, [name]: name === 'data-token' ? 'eager' : '' });
    await page.pass(200);
    expect(read()).toBe(expected);
  });

  it.each([
    ['jQuery, in an inline tag', {}],
    ['an optimiser, from a blob', { src: 'blob:https://site.example/1f0e' }],
    ['an optimiser, from a data URL', { src: 'data:text/javascript,0' }],
    ['a drawing', document.createElementNS('http://www.w3.org/2000/svg', 'script')],
  ])('whose text is run by %s, is meant by its own tag', async (_, current) => {
    await run({ src: '/help/boot.js', 'data-manual': '' }, true, current);
    await page.pass(200);
    expect([page.asked, page.scripts]).toEqual([[], 0]);
    window.GenesysGuest?.boot();
    await page.pass(200);
    expect(page.asked[0]).toBe(`${location.origin}/help/config`);
  });

  it.each([
    ['says where its endpoint is', { 'data-endpoint': '/help' }, '/help'],
    ['says nothing', {}, '/chat'],
    ['says nothing of worth', { 'data-endpoint': '' }, '/chat'],
  ])('in an inline tag that %s', async (_, attributes, path) => {
    await run(attributes);
    await page.pass(200);
    expect(page.asked[0]).toBe(`${location.origin}${path}/config`);
  });

  it('run as text takes the newest tag of its name, and is led to no other site by it', async () => {
    addTag({ src: '/static/boot.js' });
    await run({ src: '/help/boot.js' }, true, false);
    await page.pass(200);
    expect(page.asked).toContain(`${location.origin}/help/config`);
    await closePage();
    page = openPage();
    delete window.GenesysGuest;
    await run({ src: 'https://evil.example/boot.js' }, true, false);
    await page.pass(200);
    expect(page.asked).toContain(`${location.origin}/chat/config`);
    await closePage();
    page = openPage();
    delete window.GenesysGuest;
    await run({ src: 'https://evil.example/boot.js' }, true, {});
    await page.pass(200);
    expect(page.asked).toContain(`${location.origin}/chat/config`);
  });
});

describe('markup that no script has made', () => {
  const markup = (html: string) => {
    document.body.innerHTML = html;
  };

  it('does not stand in for the tag', async () => {
    markup('<img name="currentScript" data-endpoint="https://evil.example/x">');
    await run(SRC);
    await page.pass(200);
    expect(new Set(page.asked.map((url) => new URL(url).origin))).toEqual(
      new Set([new URL(ENDPOINT).origin]),
    );
  });

  it('does not move the endpoint by a base', async () => {
    const base = document.createElement('base');
    base.href = 'https://evil.example/';
    HTMLElement.prototype.append.call(document.head, base);
    await run({ 'data-endpoint': '/chat' });
    await page.pass(200);
    expect(page.asked[0]).toBe(`${location.origin}/chat/config`);
  });

  it.each(['GenesysGuestMount', 'Genesys', '_genesysJs', 'GenesysGuest'])(
    'does not stand in for window.%s',
    async (name) => {
      markup(`<a id="${name}"></a><a id="${name}" name="bootstrap" href="https://evil.example/x.js"></a>`);
      // As a browser has it: found by name, and no property of the window's own.
      const named = Object.create(Object.getPrototypeOf(window), {
        [name]: { value: document.body.children, configurable: true, writable: true },
      });
      const proto = Object.getPrototypeOf(window);
      Object.setPrototypeOf(window, named);
      await run(SRC, name !== 'GenesysGuestMount');
      await page.pass(200);
      Object.setPrototypeOf(window, proto);
      expect(page.events).toContain('ready');
      expect(window._genesysJs).toBe('Genesys');
      expect([...document.scripts].filter(({ src }) => src.includes('evil'))).toEqual([]);
    },
  );
});
