// An anonymous conversation that becomes a member's, and what keeps it from doing so.
import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../settings.ts';
import { openPage, type Page, say, startPage, storageOf, useStillClock } from './testing.ts';
import { type Cloud, startCloud } from './testing-cloud.ts';
import { ADA, provide } from './testing-provider.ts';

useStillClock();

const upgrade = (unknown: EmulatorOptions['unknown'] = {}) => startCloud({ auth: 'upgrade', unknown });

/** A page whose visitor has chatted as nobody. */
const anonymous = async (cloud: Cloud = upgrade()) => {
  const page = await startPage({ cloud });
  page.order('Messenger.open');
  await page.pass();
  say(page, 'Hello');
  await page.pass();
  return page;
};

/** What the page writes is in the tab's storage at once, as in one browser. */
const shareWrites = ({ window }: Page, tab: Page) => {
  const { setItem } = window.Storage.prototype;
  window.Storage.prototype.setItem = function (key: string, value: string) {
    setItem.call(this, key, value);
    tab.window.localStorage.setItem(key, value);
  };
};

const viewsOf = ({ cloud }: Cloud) => cloud.guests.sessions.views();

describe('a deployment that allows members', () => {
  it('chats with nobody, and offers to sign in once the page can', async () => {
    const page = await anonymous();
    const available = page.hear('Auth.signInAvailable');
    expect(page.find('What is proven')?.textContent).toContain('IsAuthenticatedfalse');
    expect(page.find('Messenger')?.textContent).not.toContain('Sign in');
    provide(page, undefined);
    await page.pass();
    expect(available).toHaveLength(1);
    expect(page.find('Messenger')?.textContent).toContain('You are chatting as a guest.Sign in');
  });

  it('begins with the member whom the page knows', async () => {
    const cloud = upgrade();
    const page = await startPage({ cloud });
    provide(page, ADA);
    page.order('Messenger.open');
    await page.pass();
    say(page, 'Hello');
    await page.pass();
    expect(viewsOf(cloud)).toMatchObject([{ proven: { isAuthenticated: true } }]);
  });

  it.each([
    ['anonymous', 1],
    ['nothing', 0],
  ] as const)('whose page rejects the code: %s', async (rejectedCode, conversations) => {
    const cloud = upgrade({ rejectedCode });
    const page = await startPage({ cloud });
    provide(page, undefined);
    page.order('Messenger.open');
    await page.pass();
    say(page, 'Hello');
    await page.pass();
    expect(viewsOf(cloud)).toHaveLength(conversations);
  });
});

describe('stepUpConversation', () => {
  it('keeps the conversation, and proves the member from now on', async () => {
    const cloud = upgrade();
    const page = await anonymous(cloud);
    const [before] = viewsOf(cloud);
    const events = ['Auth.signingIn', 'Auth.signedIn', 'MessagingService.steppedUpConversation'].map(
      page.hear,
    );
    const site = provide(page, ADA);
    const outcome = page.order('MessagingService.stepUpConversation');
    await page.pass();
    expect(outcome).toEqual([['resolved', { authCode: expect.any(String), jwt: expect.any(String) }]]);
    expect(site.asked).toEqual(['signIn']);
    expect(events.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(events[2]?.[0]?.data).toMatchObject({ events: [{ presence: { type: 'SignIn' } }] });
    expect(page.find('What is proven')?.textContent).toContain('member-1042');
    expect(page.find('Messenger')?.textContent).not.toContain('Sign in');
    say(page, 'It is me');
    await page.pass();
    expect(viewsOf(cloud)).toMatchObject([
      { conversationId: before?.conversationId, proven: { sub: ADA.sub } },
    ]);
    expect(page.find('Conversation')?.textContent).toContain('You said: HelloIt is me');
  });

  it('is what it takes: a page that knows the member goes on with the anonymous conversation', async () => {
    const cloud = upgrade();
    const page = await anonymous(cloud);
    const next = openPage({ cloud, stored: storageOf(page) });
    const site = provide(next, ADA);
    next.load();
    await next.pass();
    expect(next.find('Conversation')?.textContent).toContain('You said: Hello');
    expect(site.asked).toEqual([]);
    expect(viewsOf(cloud)).toMatchObject([{ proven: { isAuthenticated: false } }]);
  });

  it('goes by what the provider publishes, too', async () => {
    const page = await anonymous();
    const site = provide(page, ADA);
    site.signIn = (event, plugin) => {
      event.resolve();
      plugin.publish('signedIn', site.code());
    };
    page.find('Messenger')?.querySelector<HTMLElement>('.notice button')?.click();
    await page.pass();
    page.find('Messenger')?.querySelector<HTMLElement>('.notice button')?.click();
    await page.pass();
    expect(page.find('What is proven')?.textContent).toContain('member-1042');
  });

  it('follows in another tab of this browser; another device keeps nothing', async () => {
    const cloud = upgrade();
    const page = await anonymous(cloud);
    const [tab, device] = [1, 2].map(() => openPage({ cloud, stored: storageOf(page) }));
    const cleared = device?.hear('MessagingService.sessionCleared');
    for (const each of [tab, device]) each?.load();
    await page.pass();
    if (tab) shareWrites(page, tab);
    provide(page, ADA);
    page.order('MessagingService.stepUpConversation');
    await page.pass();
    expect(tab?.find('What is proven')?.textContent).toContain('member-1042');
    expect(tab?.find('Conversation')?.textContent).toContain('You said: Hello');
    expect(device?.find('Conversation')?.textContent).not.toContain('You said');
    expect(cleared).toHaveLength(1);
  });

  it.each([
    [
      'signInFailed',
      'published',
      (plugin: { publish(event: string, data: unknown): void }) =>
        plugin.publish('signInFailed', 'closed the window'),
    ],
    ['rejected', 'rejected', undefined],
  ] as const)('is an error where the page says %s', async (_name, how, fail) => {
    const cloud = upgrade();
    const page = await anonymous(cloud);
    const [errors, failed] = [
      page.hear('MessagingService.stepUpConversationError'),
      page.hear('Auth.signInFailed'),
    ];
    const site = provide(page, ADA);
    site.signIn = (event, plugin) => {
      if (how === 'rejected') event.reject('closed the window');
      else {
        event.resolve();
        fail?.(plugin);
      }
    };
    const outcome = page.order('MessagingService.stepUpConversation');
    await page.pass();
    expect(outcome).toEqual([['rejected', 'closed the window']]);
    expect([errors.length, failed.length]).toEqual([1, 1]);
    expect(viewsOf(cloud)).toMatchObject([{ proven: { isAuthenticated: false } }]);
    say(page, 'Still here');
    await page.pass();
    expect(page.find('Conversation')?.textContent).toContain('You said: Still here');
  });

  it('is rejected where it cannot be', async () => {
    const required = await startPage({ cloud: startCloud({ auth: 'required' }) });
    const idle = await startPage({ cloud: upgrade() });
    const outcomes = [required, idle].map((page) => page.order('MessagingService.stepUpConversation'));
    await idle.pass();
    expect(outcomes).toEqual([
      [['rejected', expect.stringContaining('not enabled')]],
      [['rejected', 'No active conversation found to step-up.']],
    ]);
  });

  it('leaves a session that was authenticated and lost its tokens: a new one begins', async () => {
    const cloud = upgrade();
    const page = await anonymous(cloud);
    provide(page, ADA);
    page.order('MessagingService.stepUpConversation');
    await page.pass();
    const { '_d1:gcatkn': _jwt, '_d1:gcartkn': _refresh, ...stored } = storageOf(page);
    const next = openPage({ cloud, stored });
    const started = next.hear('MessagingService.started');
    next.load();
    await next.pass();
    expect(started[0]?.data).toMatchObject({ newSession: true, authenticated: false });
    expect(next.find('Conversation')?.textContent).not.toContain('You said');
  });
});
