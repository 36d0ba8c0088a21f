// @vitest-environment jsdom
// A page boots: Messenger and the token beside each other, neither in the other's way.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boot } from './boot.ts';
import { BOOT, closePage, openPage, type TestPage } from './testing/page.ts';
import { ENDPOINT, MESSENGER } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
});
afterEach(closePage);

describe('a first visitor', () => {
  it('gets Messenger at once, a cookie, a token and their attributes', async () => {
    page.server.attributes = { plan: 'gold' };
    const booting = boot(BOOT);
    expect(document.scripts).toHaveLength(1);
    await page.pass(100);
    const session = await booting;
    expect(page.server.requests).toEqual(['GET /config', 'POST /renew {}', 'POST /renew {}']);
    expect(session.token).toBe('token-1');
    expect(session.config).toMatchObject({ externalId: 'anon-1', guestToken: 'token-1' });
    expect(page.messenger?.attributes).toEqual({ externalId: 'anon-1', plan: 'gold' });
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

describe('the token', () => {
  it('never reaches Messenger, its queue, an event or a storage', async () => {
    const details: unknown[] = [];
    for (const type of ['ready', 'renewed', 'changed', 'error'] as const) {
      window.addEventListener(`genesys-guest:${type}`, ({ detail }) => details.push(detail));
    }
    const queue = boot(BOOT).then(() => page.messenger);
    const stub = window.Genesys;
    await page.pass(100);
    await queue;
    const seen = JSON.stringify([stub?.c, stub?.q, page.messenger?.attributes, details, { ...localStorage }]);
    expect(seen).not.toContain('token-1');
  });

  it('is renewed before it expires, without the visitor noticing', async () => {
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    await page.pass(499_000);
    expect(session.token).toBe('token-1');
    await page.pass(40_000);
    expect(session.token).toBe('token-2');
    expect(page.events).toEqual(['renewed', 'ready', 'renewed']);
  });

  it('is kept while a renewal fails, and announced once when it has expired', async () => {
    boot(BOOT);
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

  it('is not asked for in a loop where cookies are refused', async () => {
    page.server.cookies = false;
    boot(BOOT);
    await page.pass(900);
    expect(page.server.requests).toHaveLength(3);
    await page.pass(600_000);
    expect(page.server.requests.length).toBeLessThan(60);
    expect(page.messenger?.launcherVisible).toBe(true);
  });

  it('comes with the headers of the host, asked for every time', async () => {
    let csrf = 0;
    boot({
      ...BOOT,
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

describe('Database', () => {
  it('keeps what others have put there, and takes only ours away', async () => {
    page.options = { attributes: { cart: '3', source: 'shop' } };
    page.server.externalId = 'anna';
    page.server.attributes = { plan: 'gold' };
    boot({ ...BOOT, context: { page: 'checkout' } });
    await page.pass(100);
    const session = await boot();
    expect(page.messenger?.attributes).toEqual({
      cart: '3',
      source: 'shop',
      page: 'checkout',
      plan: 'gold',
      externalId: 'anna',
    });
    session.setContext({ language: 'de' });
    await page.pass(50);
    expect(page.messenger?.attributes).toEqual({
      cart: '3',
      source: 'shop',
      language: 'de',
      plan: 'gold',
      externalId: 'anna',
    });
  });

  it.each([
    ['fits to the byte', 'x'.repeat(2048 - '{"a":"","b":"","externalId":"anna"}'.length - 4), true],
    ['is a byte too large', 'x'.repeat(2048 - '{"a":"","b":"","externalId":"anna"}'.length - 3), false],
  ])('measures in UTF-8: what %s', async (_, filling, fits) => {
    page.options = { attributes: { a: filling } };
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { b: 'é€'.slice(0, 2).replace('€', 'é') } });
    await page.pass(100);
    expect(page.messenger?.attributes).toEqual(
      fits ? { a: filling, b: 'éé', externalId: 'anna' } : { a: filling },
    );
    expect(page.events.includes('error attributes_too_large')).toBe(!fits);
  });

  it('cannot be told by the page who the visitor is', async () => {
    page.server.externalId = 'anna';
    boot({ ...BOOT, context: { externalId: 'mallory' } });
    await page.pass(100);
    expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
  });
});

describe('failures of our server', () => {
  it('do not take the chat: Messenger comes, and the guest when the server is back', async () => {
    page.server.faults.push('network', 'html', { status: 500, code: 'identify_failed' });
    boot(BOOT);
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
    const failed = expect(boot({ endpoint: ENDPOINT })).rejects.toMatchObject({ code: 'config_failed' });
    await page.pass(15_000);
    await failed;
    expect(page.scripts).toBe(0);
    await page.pass(10_000);
    expect(page.events.at(-1)).toBe('ready');
    expect((await boot()).token).toBe('token-1');
  });

  it('wait as long as the server asks', async () => {
    page.server.faults.push({ status: 429, code: 'too_many_guests', retryAfter: 60 });
    boot(BOOT);
    await page.pass(60_000);
    expect(page.server.requests).toHaveLength(1);
    await page.pass(2_000);
    expect((await boot()).token).toBe('token-1');
  });
});

describe('the end', () => {
  it('of a session stops everything and leaves Messenger', async () => {
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    session.dispose();
    session[Symbol.dispose]();
    page.server.requests.length = 0;
    await page.pass(10_000_000);
    expect(page.server.requests).toEqual([]);
    expect(page.events.at(-1)).toBe('disposed');
    expect(page.events.filter((event) => event === 'disposed')).toHaveLength(1);
    await expect(session.renew()).rejects.toMatchObject({ name: 'AbortError' });
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
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    const done = session.forget();
    await page.pass(100);
    await done;
    expect(page.server.requests.at(-1)).toBe('POST /forget {}');
    expect(page.messenger?.attributes).toEqual({ cart: '3' });
    expect(page.messenger?.commands.at(-1)).toBe('Messenger.clear');
    expect(page.events.at(-1)).toBe('disposed');
    await expect(boot(BOOT)).rejects.toMatchObject({ code: 'messenger_cleared' });
  });

  it('comes with forget, whatever the server says, but the caller is told', async () => {
    boot(BOOT);
    await page.pass(100);
    const session = await boot();
    page.server.faults.push('network');
    const done = expect(session.forget()).rejects.toMatchObject({ code: 'config_failed' });
    await page.pass(100);
    await done;
    expect(page.messenger?.cleared).toBe(true);
    expect(page.events.at(-1)).toBe('disposed');
  });
});
