// How a conversation ends and begins anew, what is told of it, and how it survives a lost connection.
import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../settings.ts';
import { openPage, type Page, say, startPage, storageOf, useStillClock } from './testing.ts';
import { startCloud } from './testing-cloud.ts';

useStillClock();

const ATTRIBUTES = { messaging: { customAttributes: { plan: 'gold' } } };

const chatted = async (options: EmulatorOptions = {}) => {
  const page = await startPage({ cloud: startCloud(options) });
  page.order('Messenger.open');
  page.order('Database.set', ATTRIBUTES);
  await page.pass();
  say(page, 'Hello');
  await page.pass();
  return page;
};

const disconnect = async (page: Page) => {
  const { guests } = page.cloud.cloud;
  const [view] = guests.sessions.views();
  const session = guests.sessions.ofConversation(view?.conversationId ?? '');
  if (session) guests.agent.disconnect(session);
  await page.pass();
};

const textOf = (page: Page) => page.find('Conversation')?.textContent ?? '';

describe('clearConversation', () => {
  it('ends it for the agent, and empties the database', async () => {
    const page = await chatted();
    const [cleared, removed] = [
      page.hear('MessagingService.conversationCleared'),
      page.hear('Database.removed'),
    ];
    const outcome = page.order('MessagingService.clearConversation');
    await page.pass();
    expect(outcome[0]?.[0]).toBe('resolved');
    expect(cleared[0]?.data).toMatchObject({ type: 'message', class: 'SessionClearedEvent' });
    expect(removed).toHaveLength(1);
    expect(textOf(page)).not.toContain('You said');
    expect(page.cloud.cloud.guests.sessions.views()).toMatchObject([{ state: 'cleared' }]);
    const again = page.order('MessagingService.clearConversation');
    await page.pass();
    expect(again).toEqual([['rejected', 'There is no active conversation found to clear.']]);
  });

  it('may leave the database as it is', async () => {
    const page = await chatted({ unknown: { databaseEmptied: false } });
    page.order('MessagingService.clearConversation');
    const facts = page.order('Database.get', { name: 'messaging.customAttributes' });
    await page.pass();
    expect(facts).toEqual([['resolved', { plan: 'gold' }]]);
  });

  it('needs the deployment’s leave', async () => {
    const page = await chatted({ clearConversation: false });
    expect(page.find('Clear conversation')).toBeUndefined();
    const outcome = page.order('MessagingService.clearConversation');
    await page.pass();
    expect(outcome).toEqual([['rejected', expect.stringContaining('clear option is enabled')]]);
    expect(textOf(page)).toContain('You said: Hello');
  });
});

describe('an agent who disconnects', () => {
  it('leaves a conversation to read, which the visitor can begin anew', async () => {
    const page = await chatted();
    const heard = ['conversationDisconnected', 'readOnlyConversation', 'conversationReset'].map((name) =>
      page.hear(`MessagingService.${name}`),
    );
    const removed = page.hear('Database.removed');
    await disconnect(page);
    expect(heard.map(({ length }) => length)).toEqual([1, 1, 0]);
    expect(heard[0]?.[0]?.data).toMatchObject({ readOnly: true, message: { direction: 'Outbound' } });
    const late = page.order('MessagingService.sendMessage', { message: 'Still there?' });
    await page.pass();
    expect(late[0]?.[0]).toBe('rejected');
    const outcome = page.order('MessagingService.resetConversation');
    await page.pass();
    expect(outcome[0]?.[0]).toBe('resolved');
    expect(heard[2]?.[0]?.data).toEqual({ authenticated: false, newSession: true, readOnly: false });
    expect(removed).toHaveLength(1);
    expect(textOf(page)).not.toContain('You said');
    say(page, 'Again');
    await page.pass();
    expect(textOf(page)).toContain('You said: Again');
    expect(page.cloud.cloud.guests.sessions.views()).toHaveLength(2);
  });

  it('may let the visitor go on', async () => {
    const page = await chatted({ conversationDisconnect: 'Send' });
    const disconnected = page.hear('MessagingService.conversationDisconnected');
    await disconnect(page);
    expect(disconnected[0]?.data).toMatchObject({ readOnly: false });
    say(page, 'Still there?');
    await page.pass();
    expect(textOf(page)).toContain('You said: Still there?');
    const reset = page.order('MessagingService.resetConversation');
    await page.pass();
    expect(reset[0]?.[0]).toBe('rejected');
    // Told again, though the conversation has gone on since.
    const next = openPage({ cloud: page.cloud, stored: storageOf(page) });
    const again = next.hear('MessagingService.conversationDisconnected');
    next.load();
    await next.pass();
    expect(again).toHaveLength(1);
    expect(textOf(next)).toContain('You said: Still there?');
  });
});

describe('attributes above 2,048 bytes', () => {
  it('are told in an event of their own, and fail the message', async () => {
    const page = await chatted();
    const [exceeded, errors] = [
      page.hear('MessagingService.customAttributesSizeExceeded'),
      page.hear('MessagingService.error'),
    ];
    page.order('Database.set', { messaging: { customAttributes: { text: 'x'.repeat(2048) } } });
    await page.pass();
    say(page, 'Too much');
    await page.pass();
    expect(exceeded[0]?.data).toMatchObject({ errorKey: 'customAttributesSizeExceeded' });
    expect(errors[0]?.data).toMatchObject({ error: { code: 4013, class: 'string' } });
    expect(textOf(page)).toContain('Too muchNot delivered');
  });
});

describe('a connection', () => {
  it('that is lost comes back, with what was said meanwhile', async () => {
    const page = await chatted();
    const heard = ['reconnecting', 'reconnected'].map((name) => page.hear(`MessagingService.${name}`));
    page.cloud.down = true;
    await page.pass(10_000);
    const { guests } = page.cloud.cloud;
    const [view] = guests.sessions.views();
    const session = guests.sessions.ofConversation(view?.conversationId ?? '');
    if (session) guests.agent.say(session, 'Are you there?');
    page.cloud.down = false;
    await page.pass(30_000);
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
    expect(textOf(page)).toContain('Are you there?');
    say(page, 'Yes');
    await page.pass();
    expect(textOf(page)).toContain('You said: Yes');
  });

  it('is left with the page, and found again in the back/forward cache', async () => {
    const page = await chatted();
    const { PageTransitionEvent } = page.window;
    page.window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    await page.pass();
    expect(page.cloud.sockets.size).toBe(0);
    page.window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await page.pass();
    say(page, 'Back again');
    await page.pass();
    expect(textOf(page)).toContain('You said: Back again');
  });

  it('that cannot be made fails the message, and the next one may go', async () => {
    const page = await startPage();
    page.order('Messenger.open');
    await page.pass();
    page.cloud.down = true;
    say(page, 'Lost');
    await page.pass();
    expect(textOf(page)).toContain('LostNot delivered');
    page.cloud.down = false;
    say(page, 'Found');
    await page.pass();
    expect(textOf(page)).toContain('You said: Found');
  });

  it('is the fourth of a session: the first goes to sleep, and wakes when it is used', async () => {
    const page = await chatted();
    const offline = page.hear('MessagingService.offline');
    const stored = storageOf(page);
    for (let i = 0; i < 3; i += 1) await startPage({ cloud: page.cloud, stored });
    await page.pass();
    expect([offline.length, page.cloud.sockets.size]).toEqual([1, 3]);
    say(page, 'Awake');
    await page.pass();
    expect(textOf(page)).toContain('You said: Awake');
  });
});

describe('history', () => {
  it('comes page by page', async () => {
    const page = await chatted();
    for (let i = 0; i < 15; i += 1) {
      say(page, `Number ${i}`);
      await page.pass();
    }
    const next = openPage({ cloud: page.cloud, stored: storageOf(page) });
    const [restored, old, complete] = ['restored', 'oldMessages', 'historyComplete'].map((name) =>
      next.hear(`MessagingService.${name}`),
    );
    next.load();
    await next.pass();
    for (let i = 0; i < 2; i += 1) {
      next.order('MessagingService.fetchHistory');
      await next.pass();
    }
    expect(restored?.[0]?.data['messages']).toHaveLength(25);
    expect(old?.[0]?.data['messages']).toHaveLength(7);
    expect(complete).toHaveLength(1);
    const idle = await startPage();
    const none = idle.order('MessagingService.fetchHistory');
    await idle.pass();
    expect(none).toEqual([['rejected', 'Not able to fetch history']]);
  });
});
