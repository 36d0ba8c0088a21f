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

/** Runs the script as the browser runs it for a tag with these attributes. */
const run = async (attributes: Record<string, string>, settings = true, current = true) => {
  const tag = document.createElement('script');
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value);
  HTMLElement.prototype.append.call(document.head, tag);
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(current ? tag : null);
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

  it('boots where a tag manager runs its text, by the tag on the page', async () => {
    await run(SRC, true, false);
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

  it('shows the facade by its name', async () => {
    await run({ ...SRC, 'data-launcher': 'facade' });
    await page.pass(200);
    expect(document.querySelector('genesys-guest')).not.toBeNull();
    expect(page.server.requests).toEqual([]);
  });

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

  it('tells a launcher that there is not, and throws nothing at the page', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run({ ...SRC, 'data-launcher': 'facde' });
    await page.pass(200);
    expect(warn).toHaveBeenCalledWith(expect.any(TypeError));
  });
});
