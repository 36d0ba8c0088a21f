// @vitest-environment jsdom
// boot.js fetches guest.js for whoever has a token or uses the chat, and nothing of it takes the chat away.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closePage, FakeChannel, openPage, type TestPage } from '../testing/page.ts';
import { ANONYMOUS, ENDPOINT, MESSENGER } from '../testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
  delete window.GenesysGuest;
});
afterEach(closePage);

/** Runs boot.js, and gives its session. */
const run = async (attributes: Record<string, string> = {}) => {
  const tag = Object.assign(document.createElement('script'), {
    src: `${ENDPOINT}/boot.js`,
    nonce: 'n0nce',
  });
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value);
  HTMLElement.prototype.append.call(document.head, tag);
  vi.spyOn(Document.prototype, 'currentScript', 'get').mockReturnValue(tag);
  window.GenesysGuestMount = MESSENGER;
  vi.resetModules();
  await import('../script.ts');
  await page.pass(1_000);
  const session = await window.GenesysGuest?.boot();
  if (!session) throw new Error('there is no session');
  return session;
};

const asked = () => page.asked.filter((url) => url.endsWith('guest.js')).length;

/** What a tab of this browser tells the others. */
const tell = (message: unknown) => new FakeChannel(`genesys-guest:${ENDPOINT}`).postMessage(message);

describe('guest.js', () => {
  it('is not asked for by a visitor who never chats, whatever the other tabs get', async () => {
    const session = await run();
    tell([session.config, Date.now()]);
    for (const type of ['focus', 'online', 'visibilitychange']) window.dispatchEvent(new Event(type));
    await page.pass(86_400_000);
    expect([asked(), page.server.requests]).toEqual([0, ['GET /config']]);
  });

  it('comes once, from the mount, with the nonce of the tag', async () => {
    page.server.externalId = 'anna';
    const session = await run();
    const [script] = document.querySelectorAll<HTMLScriptElement>('script[src$="guest.js"]');
    expect([script?.src, script?.nonce]).toEqual([`${ENDPOINT}/guest.js`, 'n0nce']);
    expect(session.token).toBe('token-1');
    await Promise.all([session.refresh(), session.renew(), page.pass(100)]);
    session.dispose();
    await run();
    expect(asked()).toBe(1);
  });

  it.each<[string, Record<string, string>, () => Promise<unknown>]>([
    ['an eager page', { 'data-token': 'eager' }, async () => {}],
    ['a chat that is opened', {}, async () => page.messenger?.publish('Messenger.opened')],
    ['page code', {}, async () => void (await window.GenesysGuest?.boot())?.getToken()],
    ['a plugin', {}, async () => window.Genesys?.('command', 'GuestToken.get')],
    ['a known visitor', { known: '' }, async () => {}],
    ['a failed first answer', { fails: '' }, async () => {}],
    [
      'a return from the back/forward cache',
      {},
      async () => window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })),
    ],
    [
      'a sign-in in another tab',
      {},
      async () => tell([{ webchatId: MESSENGER.deploymentId, externalId: 'anna' }, Date.now()]),
    ],
  ])('is fetched by %s', async (_, { known, fails, ...attributes }, use) => {
    if (known !== undefined) page.server.externalId = ANONYMOUS;
    if (fails !== undefined) page.server.faults.push('network');
    await run(attributes);
    await use();
    await page.pass(100);
    expect(asked()).toBe(1);
  });

  it('is tried once more after a second, as every script', async () => {
    page.guestFate = 'fails once';
    page.server.externalId = 'anna';
    const session = await run();
    await page.pass(1_000);
    expect([session.token, asked()]).toEqual(['token-1', 2]);
    expect(page.events).not.toContain('error config_failed');
  });

  it('that does not come leaves the chat as it is, and is asked for again', async () => {
    page.guestFate = 'fails';
    page.server.externalId = 'anna';
    page.server.attributes = { plan: 'gold' };
    const session = await run();
    await page.pass(2_000);
    expect(page.events).toEqual(['ready', 'error config_failed']);
    const opened = session.open();
    await page.pass(500);
    await opened;
    expect(page.messenger).toMatchObject({
      isOpen: true,
      attributes: { externalId: 'anna', plan: 'gold' },
    });
    const failed = expect(session.getToken()).rejects.toMatchObject({ code: 'config_failed' });
    await page.pass(2_000);
    await failed;
    page.guestFate = 'loads';
    await page.pass(60_000);
    expect(session.token).toBe('token-1');
  });

  it('is not asked for again by a session that has ended', async () => {
    page.guestFate = 'fails';
    page.server.externalId = 'anna';
    const session = await run();
    await page.pass(2_000);
    session.dispose();
    const before = asked();
    await expect(session.getToken()).rejects.toMatchObject({ name: 'AbortError' });
    await page.pass(600_000);
    expect(asked()).toBe(before);
  });

  it('is not needed to forget the visitor, nor to hear of it', async () => {
    page.guestFate = 'fails';
    const session = await run();
    const heard = vi.fn();
    const other = new FakeChannel(`genesys-guest:${ENDPOINT}`);
    other.onmessage = ({ data }) => heard(data);
    await Promise.all([session.forget(), page.pass(500)]);
    expect(page.server.requests).toContain('POST /forget {}');
    expect([heard.mock.calls, page.messenger?.cleared]).toEqual([[[[]]], true]);
    expect(asked()).toBe(0);
  });

  it('is not needed to hear that another tab has forgotten the visitor', async () => {
    page.guestFate = 'fails';
    await run();
    tell([]);
    await page.pass(100);
    expect(page.events).toEqual(['ready', 'error messenger_cleared', 'disposed']);
    expect(asked()).toBe(0);
  });

  it('shows no token whose end nobody watches', async () => {
    page.server.externalId = 'anna';
    (await run()).dispose();
    delete (window as unknown as Record<symbol, { guest?: unknown }>)[Symbol.for('genesys-guest')]?.guest;
    page.guestFate = 'fails';
    page.events.length = 0;
    const session = await run();
    expect([session.config?.externalId, session.config?.guestToken, session.token]).toEqual([
      'anna',
      undefined,
      undefined,
    ]);
  });
});
