// The bootstrap script, its queue, its events and its commands behave as the real one does where sites trip over it.
import { describe, expect, it, vi } from 'vitest';
import { openPage, type Page, say, startPage, useStillClock } from './testing.ts';

useStillClock();

describe('the script', () => {
  it('takes the place of window.Genesys, and reads the files of its own origin', async () => {
    const page = openPage();
    const { Genesys: before } = page.window as unknown as { Genesys: unknown };
    page.load();
    expect((page.window as unknown as { Genesys: unknown }).Genesys).not.toBe(before);
    await page.pass();
    expect(page.fetched).toEqual([
      'http://cloud.example/webdeployments/v1/deployments/d1/domains.json',
      'http://cloud.example/webdeployments/v1/deployments/d1/config.json',
    ]);
  });

  it('drains the queue only after both files have come', async () => {
    const page = openPage({ filesAfter: 100 });
    let registered = false;
    page.genesys('registerPlugin', 'Mine', () => {
      registered = true;
    });
    page.load();
    await page.pass(199);
    expect(registered).toBe(false);
    await page.pass(1);
    expect(registered).toBe(true);
  });

  it('takes `arguments` from the queue, and no array', async () => {
    const page = openPage();
    const good = page.hear('Messenger.ready');
    const heard: unknown[] = [];
    const { q } = (page.window as unknown as { Genesys: { q: unknown[] } }).Genesys;
    q.push(['subscribe', 'Messenger.ready', (envelope: unknown) => heard.push(envelope)]);
    page.load();
    await page.pass();
    expect([good.length, heard.length]).toEqual([1, 0]);
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it('does nothing the second time, nor without the snippet', async () => {
    const page = await startPage();
    page.load();
    await page.pass();
    expect(page.fetched).toHaveLength(2);
    const bare = openPage();
    bare.window.eval('delete window.Genesys');
    bare.load();
    expect(console.error).toHaveBeenLastCalledWith(expect.stringContaining('snippet must run before'));
  });
});

describe('a page that is not to have Messenger', () => {
  it.each([
    [['shop.example'], 'https://shop.example/', true],
    [['SHOP.example'], 'https://www.shop.example:8443/', true],
    [['shop.example'], 'https://myshop.example/', false],
    [['shop.example:443'], 'https://shop.example/', false],
    [[], 'https://shop.example/', false],
  ])('is told by domains.json %j on %s: %j', async (allowedDomains, url, allowed) => {
    const page = openPage({ allowedDomains, url });
    const queued = page.hear('GenesysJS.domainNotAllowed');
    page.load();
    const told = page.hear('GenesysJS.domainNotAllowed');
    const never = page.order('Messenger.open');
    await page.pass();
    expect([told.length, queued.length]).toEqual([allowed ? 0 : 1, 0]);
    expect(never).toHaveLength(allowed ? 1 : 0);
    expect(page.fetched).toHaveLength(allowed ? 2 : 1);
  });

  it('knows an inactive deployment by its configuration alone', async () => {
    const page = openPage({ status: 'Inactive' });
    const queued = page.hear('GenesysJS.configurationReceived');
    page.load();
    await page.pass();
    const late = page.hear('GenesysJS.configurationReceived');
    await page.pass();
    expect(queued).toHaveLength(0);
    expect(late[0]?.data).toMatchObject({
      deploymentConfig: { status: 'Inactive' },
      snippetConfig: { deploymentId: 'd1' },
    });
    expect(page.find('Open messenger')).toBeUndefined();
  });
});

describe('events', () => {
  it('come later than what caused them, with eventName when live and without when replayed', async () => {
    const page = openPage();
    const live = page.hear('Database.ready');
    page.load();
    await page.pass();
    expect(live).toEqual([
      {
        time: expect.any(Number),
        publisher: 'Database',
        event: 'Database.ready',
        eventName: 'ready',
        data: {},
      },
    ]);
    const late = page.hear('Database.ready');
    expect(late).toHaveLength(0);
    await page.pass();
    expect(late[0]).toMatchObject({ event: 'Database.ready', data: {} });
    expect(late[0]).not.toHaveProperty('eventName');
  });

  it.each([
    ['MessagingService.started', 1],
    ['MessagingService.messagesReceived', 0],
    ['Messenger.opened', 0],
  ])('%s reaches a late subscriber %d times', async (event, times) => {
    const page = await startPage();
    page.order('Messenger.open');
    await page.pass();
    say(page, 'Hello');
    await page.pass();
    const late = page.hear(event);
    await page.pass();
    expect(late).toHaveLength(times);
  });
});

describe('commands', () => {
  it('answer nothing at once', async () => {
    const page = await startPage();
    expect(page.genesys('command', 'Messenger.open')).toBeUndefined();
    expect(page.genesys('subscribe', 'Messenger.ready', () => undefined)).toBeUndefined();
  });

  it('that nobody knows are rejected, those of a plugin to come wait', async () => {
    const page = openPage();
    const early = page.order('Database.set', { messaging: { customAttributes: { a: '1' } } });
    page.load();
    const direct = page.order('Database.get', { name: 'messaging' });
    const unknown = page.order('Nobody.knows');
    await page.pass();
    expect(early).toEqual([['resolved', { messaging: { customAttributes: { a: '1' } } }]]);
    expect(direct[0]?.[0]).toBe('rejected');
    expect(unknown).toEqual([['rejected', expect.stringContaining('Nobody.knows')]]);
  });

  it('may leave their options out', async () => {
    const page = await startPage();
    const resolved = vi.fn();
    page.genesys('command', 'GenesysJS.configuration', resolved);
    await page.pass();
    expect(resolved.mock.calls[0]?.[0]).toMatchObject({ id: 'd1', messenger: { apps: {} } });
    expect(resolved.mock.calls[0]?.[0].messenger).not.toHaveProperty('launcherButton');
  });
});

describe('a plugin of the page', () => {
  interface P {
    registerCommand(
      name: string,
      handler: (e: { data: { n?: number }; resolve(v: unknown): void; reject(r: unknown): void }) => void,
    ): void;
    subscribe(event: string, callback: () => void): unknown;
    unsubscribe(event: string): boolean;
    publish(event: string, data?: unknown): void;
    republish(event: string, data?: unknown): void;
    command(name: string, options?: unknown): Promise<unknown>;
    data(name: string, value?: unknown): unknown;
    ready(): void;
  }
  const register = (page: Page, name: string, set: (plugin: P) => void) =>
    page.genesys('registerPlugin', name, set);

  it('has commands, that answer either way', async () => {
    const page = await startPage();
    register(page, 'Mine', (plugin) => {
      plugin.registerCommand('double', (e) =>
        e.data.n === undefined ? e.reject('no n') : e.resolve(e.data.n * 2),
      );
      plugin.ready();
    });
    const outcomes = [page.order('Mine.double', { n: 21 }), page.order('Mine.double')];
    await page.pass();
    expect(outcomes).toEqual([[['resolved', 42]], [['rejected', 'no n']]]);
  });

  it('publishes, republishes, listens until it does not, asks and keeps data', async () => {
    const page = await startPage();
    const calls: string[] = [];
    let mine: P | undefined;
    register(page, 'Mine', (plugin) => {
      mine = plugin;
      plugin.subscribe('Messenger.opened', () => calls.push('opened'));
    });
    mine?.publish('once', 1);
    mine?.republish('kept', 2);
    const [once, kept] = [page.hear('Mine.once'), page.hear('Mine.kept')];
    const asked = mine?.command('GenesysJS.configuration');
    page.order('Messenger.open');
    await page.pass();
    expect([once.length, kept[0]?.data]).toEqual([0, 2]);
    expect(await asked).toMatchObject({ id: 'd1' });
    expect(mine?.unsubscribe('Messenger.opened')).toBe(true);
    page.order('Messenger.close');
    page.order('Messenger.open');
    await page.pass();
    expect(calls).toEqual(['opened']);
    mine?.data('colour', 'blue');
    expect([mine?.data('colour'), mine?.data('GenesysJS.configuration')]).toMatchObject([
      'blue',
      { id: 'd1' },
    ]);
  });

  it('cannot have a name that is taken', async () => {
    const page = await startPage();
    const [first, second, platform] = [vi.fn(), vi.fn(), vi.fn()];
    register(page, 'Mine', first);
    register(page, 'Mine', second);
    register(page, 'Database', platform);
    expect([first, second, platform].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
  });
});
