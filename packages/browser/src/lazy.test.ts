// @vitest-environment jsdom
// A token is issued when it is used: for visitors who never chat nothing is asked, set or paid.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boot, facade } from './index.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';
import { ANONYMOUS } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

const booted = async (options: object = {}) => {
  boot({ ...BOOT, ...options });
  await page.pass(100);
  return boot();
};
const renewals = () => page.server.requests.filter((request) => request.startsWith('POST')).length;

describe('an anonymous visitor who does not chat', () => {
  it.each([undefined, ANONYMOUS])('(%s) costs no token, ever', async (externalId) => {
    page.server.externalId = externalId;
    const session = await booted();
    await page.pass(86_400_000);
    expect(page.server.requests).toEqual(['GET /config']);
    expect([session.token, session.config?.externalId]).toEqual([undefined, externalId]);
    expect(page.events).toEqual(['ready']);
  });

  it('with a token from before keeps it until it expires, and no longer', async () => {
    page.server.externalId = ANONYMOUS;
    (await booted({ token: 'eager' })).dispose();
    page.events.length = 0;
    const session = await booted();
    const asked = page.server.requests.length;
    expect(session.token).toBe('token-1');
    await page.pass(700_000);
    expect([session.token, page.server.requests.length]).toEqual([undefined, asked]);
    expect(page.events).toEqual(['ready', 'renewed', 'expired']);
  });

  it('learns who has come back, and asks for nothing else', async () => {
    await booted();
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    window.dispatchEvent(new Event('online'));
    await page.pass(1_000);
    expect(page.server.requests).toEqual(['GET /config', 'GET /config']);
  });
});

describe('first use', () => {
  it.each([
    ['the chat opened by the page', async () => void (await boot()).open()],
    ['the chat opened by its own launcher', async () => page.messenger?.publish('Messenger.opened')],
    ['a conversation begun', async () => page.messenger?.republish('MessagingService.started')],
    ['a conversation going on', async () => page.messenger?.republish('MessagingService.restored')],
    ['page code that asks', async () => void (await boot()).getToken()],
    ['page code that renews', async () => void (await boot()).renew()],
    ['a plugin that asks', async () => window.Genesys?.('command', 'GuestToken.get')],
  ])('is %s: from then on the token is kept fresh', async (_, use) => {
    await booted();
    await page.pass(3_600_000);
    await use();
    await page.pass(500);
    expect(page.server.requests).toEqual(['GET /config', 'POST /renew {}', 'POST /renew {"again":true}']);
    expect((await boot()).token).toBe('token-1');
    expect(page.messenger?.attributes).toEqual({ externalId: ANONYMOUS });
    await page.pass(540_000);
    expect((await boot()).token).toBe('token-2');
  });

  it('of the facade costs one token, too', async () => {
    const session = await boot({ ...BOOT, launcher: facade });
    await page.pass(1_000);
    expect(page.server.requests).toEqual([]);
    session.open();
    await page.pass(1_000);
    expect(session.token).toBe('token-1');
  });

  it('before the first answer waits for that', async () => {
    const booting = boot(BOOT);
    booting.catch(() => {});
    page.server.delay = 500;
    await page.pass(100);
    const token = (await booting).getToken();
    await page.pass(3_000);
    expect(await token).toBe('token-1');
    expect(page.server.requests).toEqual(['GET /config', 'POST /renew {}', 'POST /renew {"again":true}']);
  });
});

describe('getToken', () => {
  it('asked many times at once asks the server once', async () => {
    page.server.externalId = ANONYMOUS;
    const session = await booted();
    const tokens = Promise.all([session.getToken(), session.getToken(), session.getToken()]);
    await page.pass(100);
    expect(new Set(await tokens)).toEqual(new Set(['token-1']));
    expect(await session.getToken()).toBe('token-1');
    expect(renewals()).toBe(1);
  });

  it('rejects where there is none to be had, with what the server says', async () => {
    page.server.externalId = ANONYMOUS;
    const session = await booted();
    page.server.faults.push({ status: 503, code: 'upstream_limited', retryAfter: 5 });
    const failed = expect(session.getToken()).rejects.toMatchObject({
      code: 'upstream_limited',
      retryAfter: 5,
    });
    await page.pass(100);
    await failed;
    await page.pass(20_000);
    expect(session.token).toBe('token-1');
  });

  it('rejects where the mount gives none', async () => {
    page.server.source = 'none';
    page.server.externalId = ANONYMOUS;
    const session = await booted();
    const failed = expect(session.getToken()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await page.pass(100);
    await failed;
  });
});

describe('a member', () => {
  it('is known at load, with a token', async () => {
    page.server.externalId = 'anna';
    const session = await booted();
    expect(session.token).toBe('token-1');
    expect(page.server.requests).toEqual(['GET /config', 'POST /renew {"externalId":"anna"}']);
  });

  it('who signs in later gets one then, and who signs out leaves nothing to renew', async () => {
    const session = await booted();
    page.server.externalId = 'anna';
    session.refresh();
    await page.pass(100);
    expect(session.token).toBe('token-1');
    page.server.externalId = undefined;
    session.refresh();
    await page.pass(100);
    const asked = page.server.requests.length;
    await page.pass(3_600_000);
    expect([session.token, page.server.requests.length]).toEqual([undefined, asked]);
  });
});

describe('a hundred pages', () => {
  it.each([
    ['genesys', 'genesys'],
    ['none', 'none'],
    ['facade', facade],
  ])('of which three chat ask for three tokens (%s)', async (_, launcher) => {
    for (let view = 0; view < 100; view += 1) {
      page.server.externalId = undefined;
      boot({ ...BOOT, launcher: launcher as typeof facade }).catch(() => {});
      await page.pass(100);
      const session = await boot();
      if (view % 33 === 1) {
        await Promise.all([session.open(), page.pass(500)]);
        await Promise.all([session.close(), page.pass(10)]);
      }
      session.dispose();
    }
    const brought = page.server.requests.filter((request) => request === 'POST /renew {"again":true}');
    expect([brought.length, renewals()]).toEqual([3, 6]);
  });
});
