// @vitest-environment jsdom
// The facade: a button that costs nothing until it is used, loses no click, and says what it does.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boot } from '../index.ts';
import { thisPage } from '../page.ts';
import { BOOT, closePage, openPage, type TestPage } from '../testing/page.ts';
import { facade } from './facade.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
  page.server.externalId = 'anna';
});
afterEach(async () => {
  await closePage();
  document.documentElement.lang = '';
});

const start = (options: Parameters<typeof boot>[0] = {}) => boot({ ...BOOT, launcher: facade, ...options });
const host = () => document.querySelector('genesys-guest') as HTMLElement;
const button = () => host().shadowRoot?.querySelector('button') as HTMLButtonElement;
const status = () => host().shadowRoot?.querySelector('[role=status]')?.textContent;
const label = () => button().getAttribute('aria-label');

describe('until it is used', () => {
  it('nothing is fetched, from Genesys or from us', async () => {
    await start();
    await page.pass(86_400_000);
    expect([page.server.requests, page.scripts, document.querySelectorAll('link').length]).toEqual([
      [],
      0,
      0,
    ]);
    expect(page.events).toEqual(['ready']);
    expect(label()).toBe('Open chat');
  });

  it.each(['pointerenter', 'focus'])('%s only fetches the script ahead, and runs nothing', async (type) => {
    await start({ nonce: 'n0nce' });
    button().dispatchEvent(new Event(type));
    button().dispatchEvent(new Event(type));
    const links = [...document.querySelectorAll('link')].map(({ rel, as, nonce, href }) => [
      rel,
      as,
      nonce,
      href,
    ]);
    expect(links).toEqual([['preload', 'script', 'n0nce', BOOT.messenger.bootstrap]]);
    expect(page.scripts).toBe(0);
  });
});

describe('the first click', () => {
  it.each(['On', 'OnDemand'] as const)(
    'opens Messenger, whose launcher (%s) takes over',
    async (visibility) => {
      page.options = { visibility };
      await start();
      button().click();
      expect(status()).toBe('Opening chat…');
      expect(button().getAttribute('aria-busy')).toBe('true');
      await page.pass(500);
      expect(page.messenger?.isOpen).toBe(true);
      expect(host()).toBeNull();
      expect(page.events).toContain('renewed');
    },
  );

  it('opens Messenger and stays where that has no launcher, following the window', async () => {
    page.options = { visibility: 'Off' };
    await start();
    button().click();
    await page.pass(500);
    expect([label(), status()]).toEqual(['Close chat', '']);
    // One thing says whether it is open: its name.
    expect(button().hasAttribute('aria-expanded')).toBe(false);
    button().click();
    await page.pass(500);
    expect(page.messenger?.isOpen).toBe(false);
    expect(label()).toBe('Open chat');
    button().click();
    await page.pass(500);
    expect(page.messenger?.isOpen).toBe(true);
  });

  it('opens Messenger where only our server knows what it needs', async () => {
    await start({ messenger: undefined });
    button().click();
    await page.pass(500);
    expect(page.messenger?.isOpen).toBe(true);
  });

  it('says so when it fails, and the next one tries again', async () => {
    page.fate = 'fails';
    await start();
    button().click();
    await page.pass(5_000);
    expect(status()).toBe('Chat not available. Try again.');
    expect(button().getAttribute('aria-busy')).toBe('false');
    expect(page.events).toContain('error messenger_blocked');
    page.fate = 'loads';
    button().click();
    await page.pass(500);
    expect(page.messenger?.isOpen).toBe(true);
  });

  it('blames no network where there is one', async () => {
    page.options = { allowed: false };
    await start();
    button().click();
    await page.pass(500);
    expect([status(), page.events.at(-1)]).toEqual([
      'Chat not available. Try again.',
      'error domain_not_allowed',
    ]);
  });

  it.each(['click', 'Escape'])('can be taken back by %s', async (how) => {
    page.options = { visibility: 'Off' };
    await start();
    button().click();
    if (how === 'click') button().click();
    else button().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    expect([status(), button().getAttribute('aria-busy')]).toEqual(['', 'false']);
    await page.pass(2_000);
    expect(page.messenger?.isOpen).toBe(false);
  });
});

describe('a click that was taken back', () => {
  it('does not take the next one with it', async () => {
    page.options = { visibility: 'Off' };
    await start();
    for (let click = 0; click < 3; click += 1) button().click();
    await page.pass(2_000);
    expect(page.messenger?.isOpen).toBe(true);
  });
});

describe('a visitor in the middle of a conversation', () => {
  it('is not left behind on the next page, until it has ended', async () => {
    page.options = { visibility: 'Off' };
    await start();
    button().click();
    await page.pass(500);
    page.messenger?.republish('MessagingService.started');
    await page.pass(10);
    const stored = { ...localStorage };
    expect(stored).toEqual({ 'genesys-guest:conversation': '1' });
    await closePage();
    page = openPage();
    Object.assign(localStorage, stored);
    await start();
    await page.pass(500);
    expect(page.scripts).toBe(1);
    // It holds no longer than Messenger says so.
    expect(localStorage).toHaveLength(0);
    page.messenger?.republish('MessagingService.restored');
    await page.pass(10);
    expect({ ...localStorage }).toEqual(stored);
    // Told again when history is fetched: of another conversation, long ago.
    page.messenger?.publish('MessagingService.conversationDisconnected');
    await page.pass(10);
    expect({ ...localStorage }).toEqual(stored);
    page.messenger?.publish('MessagingService.conversationCleared');
    await page.pass(10);
    expect(localStorage).toHaveLength(0);
  });
});

describe('a visitor who is gone before Messenger has told of the conversation', () => {
  it.each([
    ['it was slow', { silent: ['MessagingService', 'Messenger'] }, 'loads'],
    ['it did not come', {}, 'fails'],
  ] as const)('is not left behind on the next page: %s', async (_, options, fate) => {
    localStorage['genesys-guest:conversation'] = 1;
    Object.assign(page, { options, fate });
    const session = await start();
    await page.pass(3_000);
    expect(page.scripts).toBeGreaterThan(0);
    session.dispose();
    const stored = { ...localStorage };
    await closePage();
    page = openPage();
    Object.assign(localStorage, stored);
    await start();
    await page.pass(500);
    expect(page.scripts).toBe(1);
  });
});

describe('the focus', () => {
  it.each([
    ['comes back to the button that opened it, from nowhere', '', true],
    ['stays where the visitor has gone on', '<input autofocus>', false],
  ])('%s', async (_, html, back) => {
    page.options = { visibility: 'Off' };
    const session = await start();
    document.body.innerHTML = html;
    button().click();
    await page.pass(500);
    expect(page.events.at(-1)).toBe('opened');
    button().blur();
    document.querySelector('input')?.focus();
    session.close();
    await page.pass(100);
    expect(page.events.at(-1)).toBe('closed');
    expect(document.activeElement === host()).toBe(back);
  });
});

describe('its words', () => {
  it.each([
    ['de', 'Chat öffnen'],
    ['fr-CA', 'Ouvrir le chat'],
    ['DE-CH', 'Chat öffnen'],
    ['xx', 'Open chat'],
    ['', 'Open chat'],
  ])('follow <html lang="%s">', async (lang, expected) => {
    await start();
    document.documentElement.lang = lang;
    await page.pass(0);
    expect(label()).toBe(expected);
    expect([host().getAttribute('role'), host().getAttribute('aria-label')]).toEqual(['region', 'Chat']);
  });

  it('are the page’s own where it has any', async () => {
    page.fate = 'hangs';
    await start({ labels: { open: 'Ask us', loading: undefined } });
    expect(label()).toBe('Ask us');
    button().click();
    expect(status()).toBe('Opening chat…');
  });
});

describe('its place', () => {
  it.each([
    ['taken away', () => host().remove()],
    ['on a page whose document is hydrated anew', () => swapDocument()],
  ])('%s comes back', async (_, take) => {
    await start();
    const before = host();
    take();
    expect(host()).toBeNull();
    await page.pass(10);
    expect(host()).toBe(before);
    take();
    await page.pass(10);
    expect(host()).toBe(before);
  });

  it('is left when the session ends', async () => {
    const session = await start();
    session.dispose();
    swapDocument();
    await page.pass(100);
    expect(host()).toBeNull();
  });
});

const swapDocument = () => {
  const html = document.createElement('html');
  html.append(document.createElement('head'), document.createElement('body'));
  document.documentElement.replaceWith(html);
};

describe('its end', () => {
  it('leaves nothing on the page where that comes with the first event', async () => {
    window.addEventListener('genesys-guest:ready', () => thisPage().session?.dispose(), { once: true });
    await start();
    await page.pass(100);
    expect(page.events).toEqual(['ready', 'disposed']);
    expect(host()).toBeNull();
  });

  it('leaves nothing on the page', async () => {
    const session = await start();
    button().dispatchEvent(new Event('focus'));
    session.dispose();
    expect(document.querySelectorAll('genesys-guest, link')).toHaveLength(0);
  });
});

it('has a style where style sheets cannot be constructed, under the page’s nonce', async () => {
  vi.stubGlobal('CSSStyleSheet', undefined);
  await start({ nonce: 'n0nce' });
  expect(host().shadowRoot?.querySelector('style')?.nonce).toBe('n0nce');
});
