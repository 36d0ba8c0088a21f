// @vitest-environment jsdom
// The next visitor finds nothing of the last member, however the last one left.
import { describe, expect, it } from 'vitest';
import { thisPage } from '../page.ts';
import { JWT } from '../testing/auth.ts';
import {
  ADA,
  BERT,
  bootMembers,
  isCovered,
  leave,
  signIn,
  useMembersPage,
  WHOSE,
} from '../testing/members.ts';
import type { GuestSession } from '../types.ts';

const { page, start, open, commands, requests, errors } = useMembersPage();

describe('what the last one left', () => {
  it.each([
    ['another member', BERT, 'new.ada', 'jwt'],
    ['another member, without tokens that a page can see', BERT, 'new.ada', undefined],
    ['nobody', undefined, 'new.ada', 'jwt'],
    ['a member, and tokens without a tag', ADA, undefined, 'jwt'],
    ['a member, and tokens that nobody wrote a tag for', ADA, '', 'jwt'],
    ['nobody, and tokens without a tag', undefined, undefined, 'jwt'],
  ])('is gone before the window can open: %s', async (_, member, tag, jwt) => {
    page().options = { auth: 'upgrade' };
    leave(tag, jwt);
    signIn(page(), member);
    bootMembers();
    expect(isCovered()).toBe(false);
    await page().pass(0);
    expect(isCovered()).toBe(true);
    await page().pass(5_000);
    expect(commands().filter((name) => name === 'Auth.logout')).toHaveLength(1);
    expect(localStorage.getItem(JWT)).toBeNull();
    expect(localStorage.getItem(WHOSE)).toBe('');
    // Nobody was signed in as far as Messenger knew: it is cleared all the same, as the page cannot see every token.
    expect(commands().includes('Messenger.clear')).toBe(jwt === undefined);
    expect(isCovered()).toBe(false);
  });

  it.each([
    ['the same member', ADA, 'new.ada'],
    ['the same member under an older tag', ADA, 'old.ada'],
    ['nobody after nobody', undefined, ''],
  ])('stays: %s', async (_, member, tag) => {
    page().options = { auth: 'upgrade' };
    leave(tag, tag ? 'jwt' : undefined);
    signIn(page(), member);
    await start();
    expect(commands()).not.toContain('Auth.logout');
    expect(localStorage.getItem(JWT)).toBe(tag ? 'jwt' : null);
    expect(localStorage.getItem(WHOSE)).toBe(tag ? 'new.ada' : '');
    expect(isCovered()).toBe(false);
  });

  it.each(['fails', 'hangs'] as const)('is cleared where signing out %s', async (logout) => {
    page().options = { auth: 'upgrade', logout };
    leave('new.ada', 'jwt');
    signIn(page(), BERT);
    bootMembers().catch(() => {});
    await page().pass(20_000);
    expect(commands().filter((name) => /logout|clear$/.test(name))).toEqual([
      'Auth.logout',
      'Messenger.clear',
    ]);
    expect(errors()).toContain('error messenger_cleared');
    expect(localStorage.getItem(WHOSE)).toBe('');
  });

  it('is cleared for no session that has ended meanwhile: the next boot starts anew', async () => {
    page().options = { auth: 'upgrade', logout: 'hangs' };
    leave('new.ada', 'jwt');
    signIn(page(), BERT);
    const mounted = new AbortController();
    bootMembers({ signal: mounted.signal }).catch(() => {});
    await page().pass(2_000);
    mounted.abort();
    await page().pass(20_000);
    expect(page().events).not.toContain('ready');
    expect(thisPage().booting).toBeUndefined();
  });

  it.each([
    ['clear', true],
    ['keep', false],
  ] as const)('is cleared where the deployment has no members: %s', async (onChange, isCleared) => {
    leave('new.ada', undefined);
    signIn(page(), BERT);
    bootMembers({ onChange }).catch(() => {});
    await page().pass(5_000);
    expect(commands().includes('Messenger.clear')).toBe(isCleared);
    expect([localStorage.getItem(WHOSE), isCovered()]).toEqual(['', false]);
  });

  it('stays covered until our server says whose it is', async () => {
    page().options = { auth: 'upgrade' };
    leave('new.ada', 'jwt');
    signIn(page(), ADA);
    page().server.faults.push('network');
    bootMembers();
    await page().pass(500);
    expect([isCovered(), page().events.includes('ready')]).toEqual([true, false]);
    await page().pass(10_000);
    expect([isCovered(), page().events.includes('ready')]).toEqual([false, true]);
    expect(localStorage.getItem(JWT)).toBe('jwt');
  });

  it('is nothing: then nobody waits for our server', async () => {
    page().options = { auth: 'upgrade' };
    page().server.faults.push('hang');
    await start();
    expect(page().events).toEqual(['ready']);
  });
});

describe('somebody else on the same page', () => {
  const change = async (to: readonly string[] | undefined, options: object = {}) => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    const session = (await start(options)) as GuestSession;
    await open(session);
    signIn(page(), to);
    await Promise.all([session.refresh(), page().pass(5_000)]);
    return session;
  };

  it.each([
    ['another member', BERT],
    ['nobody', undefined],
  ])('finds nothing once refresh() resolves: %s', async (_, member) => {
    await change(member);
    expect(commands().filter((name) => name === 'Auth.logout')).toHaveLength(1);
    expect([localStorage.getItem(JWT), localStorage.getItem(WHOSE)]).toEqual([null, '']);
    expect(commands().filter((name) => /[cC]lear/.test(name))).toEqual([]);
    expect(page().events).toContain('changed');
  });

  it('signs out even where conversations are kept', async () => {
    await change(BERT, { onChange: 'keep' });
    expect(commands()).toContain('Auth.logout');
  });

  it('gets no code while the last one is being signed out', async () => {
    page().options = { auth: 'upgrade', logout: 'hangs' };
    signIn(page(), ADA);
    const session = (await start()) as GuestSession;
    await open(session);
    signIn(page(), BERT);
    const refreshing = session.refresh();
    await page().pass(50);
    window.Genesys?.('command', 'AuthProvider.getAuthCode');
    await page().pass(1_000);
    expect([requests('/auth-code').length, isCovered()]).toEqual([1, true]);
    await Promise.all([refreshing, page().pass(20_000)]);
    expect(commands()).toContain('Messenger.clear');
  });

  it('gets a code of their own', async () => {
    await change(BERT);
    window.Genesys?.('command', 'AuthProvider.getAuthCode', {}, (data) =>
      localStorage.setItem(JWT, (data as { authCode: string }).authCode),
    );
    await page().pass(100);
    expect([localStorage.getItem(JWT), localStorage.getItem(WHOSE)]).toEqual(['code-2', 'new.bert']);
  });

  it('is found in the back/forward cache', async () => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    await open(await start());
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    expect(isCovered()).toBe(true);
    signIn(page(), BERT);
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await page().pass(1);
    expect(isCovered()).toBe(true);
    await page().pass(5_000);
    expect(localStorage.getItem(JWT)).toBeNull();
    expect(isCovered()).toBe(false);
  });

  it('is found where another tab wrote a tag', async () => {
    page().options = { auth: 'upgrade' };
    await start();
    signIn(page(), BERT);
    window.dispatchEvent(new StorageEvent('storage', { key: WHOSE, newValue: 'new.bert' }));
    await page().pass(100);
    expect(requests('/config')).toHaveLength(2);
  });
});

describe('forget()', () => {
  it('signs out first, then tells our server, then clears', async () => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    const session = (await start()) as GuestSession;
    await open(session);
    await Promise.all([session.forget(), page().pass(5_000)]);
    const order = commands().filter((name) => /logout|Messenger.clear/.test(name));
    expect(order).toEqual(['Auth.logout', 'Messenger.clear']);
    expect(requests('/forget')).toHaveLength(1);
    expect(localStorage.getItem(WHOSE)).toBe('');
  });

  it('does not wait for a platform that hangs', async () => {
    page().options = { auth: 'upgrade', logout: 'hangs' };
    signIn(page(), ADA);
    const session = (await start()) as GuestSession;
    await open(session);
    const forgetting = session.forget();
    await page().pass(4_900);
    expect(requests('/forget')).toHaveLength(0);
    await Promise.all([forgetting, page().pass(5_000)]);
    expect(requests('/forget')).toHaveLength(1);
  });
});
