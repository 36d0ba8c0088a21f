// @vitest-environment jsdom
// The token of a page: where it goes, how long it is good, and whose it is.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boot } from './index.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';
import { MESSENGER } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

const EAGER = { ...BOOT, token: 'eager' } as const;

describe('the token', () => {
  it('never reaches Messenger, its queue, an event or a storage', async () => {
    const details: unknown[] = [];
    for (const type of ['ready', 'renewed', 'changed', 'error'] as const) {
      window.addEventListener(`genesys-guest:${type}`, ({ detail }) => details.push(detail));
    }
    const queue = boot(EAGER).then(() => page.messenger);
    const stub = window.Genesys;
    await page.pass(100);
    await queue;
    const seen = JSON.stringify([stub?.c, stub?.q, page.messenger?.attributes, details, { ...localStorage }]);
    expect(seen).not.toContain('token-1');
  });

  it('is renewed before it expires, without the visitor noticing', async () => {
    boot(EAGER);
    await page.pass(100);
    const session = await boot();
    await page.pass(499_000);
    expect(session.token).toBe('token-1');
    await page.pass(40_000);
    expect(session.token).toBe('token-2');
    expect(page.events).toEqual(['renewed', 'ready', 'renewed']);
  });

  it('is kept while a renewal fails, and announced once when it has expired', async () => {
    boot(EAGER);
    await page.pass(100);
    const session = await boot();
    page.server.faults.push(...Array.from({ length: 40 }, () => 'network' as const));
    await page.pass(550_000);
    expect(session.token).toBe('token-1');
    await page.pass(60_000);
    expect(session.token).toBeUndefined();
    expect(session.config?.guestToken).toBeUndefined();
    expect(page.events.filter((event) => event === 'expired')).toHaveLength(1);
    page.server.faults.length = 0;
    await page.pass(200_000);
    expect(session.token).toBe('token-2');
  });

  it('is not asked for where there is none to be had', async () => {
    page.server.source = 'none';
    boot(BOOT);
    await page.pass(86_400_000);
    expect(page.server.requests).toEqual(['GET /config']);
  });

  it('is given up where the cookie never comes back, which is said once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    page.server.cookies = false;
    boot(EAGER);
    await page.pass(86_400_000);
    expect(page.server.requests).toEqual([
      'GET /config',
      'POST /renew {}',
      'POST /renew {"again":true}',
      'POST /renew {"again":true}',
    ]);
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual(['error cookie_blocked']);
    expect(warn.mock.calls).toEqual([[expect.objectContaining({ code: 'cookie_blocked' })]]);
    expect(page.messenger?.launcherVisible).toBe(true);
    const asked = expect((await boot()).getToken()).rejects.toMatchObject({ code: 'cookie_blocked' });
    await page.pass(100);
    await asked;
    expect(warn).toHaveBeenCalledOnce();
  });

  it('comes again where the cookie does after all, or a member signs in', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    page.server.cookies = false;
    boot(EAGER);
    await page.pass(60_000);
    page.server.externalId = 'anna';
    const session = await boot();
    session.refresh();
    await page.pass(100);
    expect(session.token).toBe('token-1');
  });

  it.each([
    ['the moment the page goes on', 'resume', 1],
    ['the moment it is shown', 'visibilitychange', 1],
    ['the moment it comes from the back/forward cache', 'pageshow', 1],
    ['within half a minute where nobody tells', undefined, 30_000],
  ])('is renewed %s after a sleep', async (_, type, ms) => {
    page.server.externalId = 'anna';
    page.server.lifetime = 86_400;
    boot(BOOT);
    await page.pass(100);
    const asked = page.server.requests.length;
    vi.setSystemTime(Date.now() + 86_350_000);
    if (type) window.dispatchEvent(new Event(type));
    await page.pass(ms);
    expect(page.server.requests.slice(asked)).toEqual(['POST /renew {"externalId":"anna"}']);
  });

  it('is not good a moment longer than it is, whether or not a timer has fired', async () => {
    page.server.externalId = 'anna';
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    const before = session.config;
    expect(session.config).toBe(before);
    vi.setSystemTime(Date.now() + 600_000);
    expect([session.token, session.config?.guestToken]).toEqual([undefined, undefined]);
  });

  it('comes with the headers of the host, asked for every time', async () => {
    let csrf = 0;
    boot({
      ...EAGER,
      headers: () => {
        csrf += 1;
        return { 'x-csrf': String(csrf) };
      },
    });
    await page.pass(100);
    expect(page.server.headers).toEqual({ 'content-type': 'application/json', 'x-csrf': '3' });
  });
});

describe('who the visitor is', () => {
  const signedIn = async () => {
    page.server.externalId = 'anna';
    page.server.attributes = { plan: 'gold' };
    boot(BOOT);
    await page.pass(100);
    return boot();
  };

  it('is asked again on refresh, and the old token is gone at once', async () => {
    const session = await signedIn();
    page.server.externalId = 'bert';
    page.server.attributes = { tier: '1' };
    page.events.length = 0;
    session.refresh();
    await page.pass(100);
    expect(page.server.requests.slice(2)).toEqual(['GET /config', 'POST /renew {"externalId":"bert"}']);
    expect(session.token).toBe('token-2');
    expect(page.events).toEqual(['changed', 'renewed']);
    expect(page.messenger?.attributes).toEqual({ externalId: 'bert', tier: '1' });
  });

  it('is learnt from a refused renewal', async () => {
    const session = await signedIn();
    page.server.externalId = 'bert';
    page.events.length = 0;
    await Promise.all([session.renew(), page.pass(100)]);
    expect(page.server.requests.slice(2)).toEqual([
      'POST /renew {"externalId":"anna"}',
      'GET /config',
      'POST /renew {"externalId":"bert"}',
    ]);
    expect(page.events).toEqual(['changed', 'renewed']);
    expect(session.config?.externalId).toBe('bert');
  });

  it('is not asked for in a loop by a server that contradicts itself', async () => {
    await signedIn();
    const changed = { status: 409, code: 'guest_changed' } as const;
    page.server.externalId = 'anna';
    page.server.requests.length = 0;
    const config = {
      environment: '',
      webchatId: 'deployment-1',
      externalId: 'anna',
      renewIn: 0,
      messenger: MESSENGER,
    };
    for (let i = 0; i < 50; i += 1) page.server.faults.push(changed, config);
    await page.pass(700_000);
    expect(page.server.requests.length).toBeLessThan(60);
  });
});
