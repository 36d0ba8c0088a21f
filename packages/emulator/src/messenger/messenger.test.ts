// What a visitor and an agent see: the database, the launcher, and a conversation that outlives the page.
import { describe, expect, it } from 'vitest';
import { openPage, say, startPage, storageOf, useStillClock } from './testing.ts';

useStillClock();

describe('Database', () => {
  const attributes = (customAttributes: unknown) => ({ messaging: { customAttributes } });

  it('sets by top keys, updates deeply, gets and removes by path', async () => {
    const page = await startPage();
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
    const page = await startPage();
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
  ] as const)('%s: there %j, Launcher.show is %s, there %j', async (launcher, before, outcome, after) => {
    const page = await startPage({ launcher });
    const there = () => page.find('Open messenger') !== undefined;
    expect(there()).toBe(before);
    const shown = page.order('Launcher.show');
    await page.pass();
    expect([shown[0]?.[0], there()]).toEqual([outcome, after]);
  });

  it('on demand is shown by Messenger.open, too, and hidden by Launcher.hide', async () => {
    const page = await startPage({ launcher: 'OnDemand' });
    page.order('Messenger.open');
    await page.pass();
    expect(page.find('Close messenger')).toBeDefined();
    page.order('Launcher.hide');
    await page.pass();
    expect(page.find('Close messenger')).toBeUndefined();
  });

  it('opens and closes', async () => {
    const page = await startPage();
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
    const page = await startPage();
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
    const next = openPage({ stored, cloud: page.cloud });
    const [restoring, restored] = [
      next.hear('MessagingService.restoring'),
      next.hear('MessagingService.restored'),
    ];
    const started = next.hear('MessagingService.started');
    next.load();
    await next.pass();
    // Once, though the window is open again, too.
    expect([restoring.length, started.length, restored.length]).toEqual([1, 1, 1]);
    expect(restored[0]?.data).toMatchObject({ messages: [{ text: 'Hello' }, { text: 'You said: Hello' }] });
    expect(next.find('Conversation')?.textContent).toContain('You said: Hello');
  });

  it('that the visitor clears is not restored', async () => {
    const page = await chatted();
    const cleared = page.hear('MessagingService.conversationCleared');
    page.find('Clear conversation')?.click();
    await page.pass();
    expect(cleared).toHaveLength(1);
    const next = openPage({ stored: storageOf(page), cloud: page.cloud });
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
