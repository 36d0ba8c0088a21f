// The bootstrap script behaves as the real one does on each point that sites trip over.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPage, type Page, say } from './testing.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, 'error').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const started = async (options: Parameters<typeof openPage>[0] = {}): Promise<Page> => {
  const page = openPage(options);
  page.load();
  await page.pass();
  return page;
};

const storageOf = ({ window }: Page) => Object.fromEntries(Object.entries(window.localStorage));

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
    const page = await started();
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
    const page = await started();
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
    const page = await started();
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
    const page = await started();
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
    const page = await started();
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
    const page = await started();
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
    const page = await started();
    const [first, second, platform] = [vi.fn(), vi.fn(), vi.fn()];
    register(page, 'Mine', first);
    register(page, 'Mine', second);
    register(page, 'Database', platform);
    expect([first, second, platform].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
  });
});

describe('Database', () => {
  const attributes = (customAttributes: unknown) => ({ messaging: { customAttributes } });

  it('sets by top keys, updates deeply, gets and removes by path', async () => {
    const page = await started();
    const updated = page.hear('Database.updated');
    page.order('Database.set', attributes({ a: '1', nested: { x: 1 } }));
    page.order('Database.set', attributes({ b: '2', nested: { y: 2 } }));
    page.order('Database.update', attributes({ nested: { z: 3 } }));
    const got = page.order('Database.get', { name: 'messaging.customAttributes' });
    const removed = page.order('Database.remove', { name: 'messaging.customAttributes.nested' });
    const gone = page.order('Database.get', { name: 'messaging.customAttributes.nested' });
    await page.pass();
    expect(got).toEqual([['resolved', { a: '1', b: '2', nested: { y: 2, z: 3 } }]]);
    expect(removed).toEqual([['resolved', attributes({ a: '1', b: '2' })]]);
    expect(gone[0]?.[0]).toBe('rejected');
    expect(updated).toHaveLength(3);
  });

  it('rides on the next message, and fails it above 2,048 bytes of UTF-8', async () => {
    const page = await started();
    const errors = page.hear('MessagingService.error');
    page.order('Messenger.open');
    page.order('Database.set', attributes({ plan: 'gold' }));
    await page.pass();
    expect(page.find('What the agent sees')?.textContent).not.toContain('gold');
    say(page, 'Hello');
    await page.pass();
    expect(page.find('What the agent sees')?.textContent).toContain('plangold');
    // {"text":"…"} is 11 bytes and two for each é.
    for (const [count, failures] of [
      [1018, 0],
      [1019, 1],
    ] as const) {
      page.order('Database.remove', { name: 'messaging' });
      page.order('Database.set', attributes({ text: 'é'.repeat(count) }));
      await page.pass();
      say(page, `Sent with ${count}`);
      await page.pass();
      expect(errors).toHaveLength(failures);
    }
    expect(page.find('Conversation')?.textContent).toContain('You said: Sent with 1018');
    expect(page.find('Conversation')?.textContent).toContain('Sent with 1019Not delivered');
    expect(page.find('Conversation')?.textContent).not.toContain('You said: Sent with 1019');
  });
});

describe('the launcher', () => {
  it.each([
    ['On', true, 'rejected', true],
    ['OnDemand', false, 'resolved', true],
    ['Off', false, 'rejected', false],
  ])('%s: there %j, Launcher.show is %s, there %j', async (launcher, before, outcome, after) => {
    const page = await started({ launcher });
    const there = () => page.find('Open messenger') !== undefined;
    expect(there()).toBe(before);
    const shown = page.order('Launcher.show');
    await page.pass();
    expect([shown[0]?.[0], there()]).toEqual([outcome, after]);
  });

  it('on demand is shown by Messenger.open, too, and hidden by Launcher.hide', async () => {
    const page = await started({ launcher: 'OnDemand' });
    page.order('Messenger.open');
    await page.pass();
    expect(page.find('Close messenger')).toBeDefined();
    page.order('Launcher.hide');
    await page.pass();
    expect(page.find('Close messenger')).toBeUndefined();
  });

  it('opens and closes', async () => {
    const page = await started();
    const [opened, closed] = [page.hear('Messenger.opened'), page.hear('Messenger.closed')];
    page.find('Open messenger')?.click();
    expect(page.find('Message')).toBeDefined();
    const again = page.order('Messenger.open');
    await page.pass();
    expect(again[0]?.[0]).toBe('rejected');
    page.find('Close messenger')?.click();
    expect(page.find('Message')).toBeUndefined();
    await page.pass();
    expect([opened.length, closed.length]).toEqual([1, 1]);
  });

  it('is not there in headless mode, where the services are', async () => {
    const page = openPage({ headless: true });
    const [services, messenger] = [page.hear('MessagingService.ready'), page.hear('Messenger.ready')];
    page.load();
    const open = page.order('Messenger.open');
    await page.pass();
    expect([services.length, messenger.length, open[0]?.[0]]).toEqual([1, 0, 'rejected']);
    expect(page.find('Open messenger')).toBeUndefined();
  });
});

describe('a conversation', () => {
  const chatted = async () => {
    const page = await started();
    const begun = page.hear('MessagingService.started');
    page.order('Messenger.open');
    await page.pass();
    expect(begun).toHaveLength(0);
    say(page, 'Hello');
    await page.pass();
    expect(begun[0]?.data).toMatchObject({ newSession: true });
    return page;
  };

  it('is answered, and goes on after the page', async () => {
    const page = await chatted();
    expect(page.find('Conversation')?.textContent).toContain('You said: Hello');
    const stored = storageOf(page);
    expect(Object.keys(stored).every((key) => key.startsWith('_d1:'))).toBe(true);
    const next = openPage({ stored });
    const [restoring, restored] = [
      next.hear('MessagingService.restoring'),
      next.hear('MessagingService.restored'),
    ];
    next.load();
    await next.pass();
    expect(restoring).toHaveLength(1);
    expect(restored[0]?.data).toMatchObject({ messages: [{ text: 'Hello' }, { text: 'You said: Hello' }] });
    expect(next.find('Conversation')?.textContent).toContain('You said: Hello');
  });

  it('that the visitor clears is not restored', async () => {
    const page = await chatted();
    const cleared = page.hear('MessagingService.conversationCleared');
    page.find('Clear conversation')?.click();
    await page.pass();
    expect(cleared).toHaveLength(1);
    const next = openPage({ stored: storageOf(page) });
    const restored = next.hear('MessagingService.restored');
    next.load();
    await next.pass();
    expect(restored).toHaveLength(0);
  });

  it('is wiped by Messenger.clear, after which everything is rejected', async () => {
    const page = await chatted();
    page.window.localStorage.setItem('site', 'kept');
    const cleared = page.hear('MessagingService.sessionCleared');
    const outcome = page.order('Messenger.clear');
    await page.pass();
    expect([outcome[0]?.[0], cleared.length]).toEqual(['resolved', 1]);
    expect(storageOf(page)).toEqual({ site: 'kept' });
    const after = ['Messenger.open', 'Database.get', 'MessagingService.sendMessage'].map((name) =>
      page.order(name),
    );
    await page.pass();
    expect(after.map(([first]) => first?.[0])).toEqual(['rejected', 'rejected', 'rejected']);
    expect(page.find('Open messenger') ?? page.find('Close messenger')).toBeUndefined();
  });

  it('is wiped in the other tabs, too', async () => {
    const page = await chatted();
    const { StorageEvent } = page.window;
    page.window.dispatchEvent(new StorageEvent('storage', { key: '_d1:wiped', newValue: '{"value":true}' }));
    const after = page.order('Messenger.close');
    await page.pass();
    expect(after).toEqual([['rejected', expect.stringContaining('was cleared')]]);
    expect(page.find('Message')).toBeUndefined();
  });
});
