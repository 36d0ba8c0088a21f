// @vitest-environment jsdom
// A member on a page: codes for Messenger, and a deployment that lets nobody else chat.
import { describe, expect, it, vi } from 'vitest';
import { JWT } from '../testing/auth.ts';
import { ADA, bootMembers, leave, signIn, useMembersPage, WHOSE } from '../testing/members.ts';
import { FakeChannel } from '../testing/page.ts';
import type { GuestSession } from '../types.ts';

const { page, start, open, commands, requests, errors } = useMembersPage();

describe('a member who is signed in on the site', () => {
  it.each(['required', 'upgrade'] as const)('is one in Messenger, where it is %s', async (auth) => {
    page().options = { auth };
    signIn(page(), ADA);
    await open(await start());
    expect(localStorage.getItem(JWT)).toBe('code-1');
    expect(localStorage.getItem(WHOSE)).toBe('new.ada');
    const [request = ''] = requests('/auth-code');
    const { codeChallenge, nonce, member } = JSON.parse(request.slice(request.indexOf('{')));
    expect([codeChallenge, nonce, member]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.stringMatching(/^[\w-]{22}$/),
      'new.ada',
    ]);
    expect(errors()).toEqual([]);
  });

  it('gets a fresh code, verifier and nonce each time', async () => {
    page().options = { auth: 'required' };
    signIn(page(), ADA);
    await start();
    const given: Record<string, string>[] = [];
    for (const name of ['getAuthCode', 'getAuthCode', 'reAuthenticate', 'signIn']) {
      window.Genesys?.('command', `AuthProvider.${name}`, {}, (data) => given.push(data as never));
      await page().pass(100);
    }
    expect(given).toHaveLength(4);
    for (const key of ['authCode', 'codeVerifier', 'nonce']) {
      expect(new Set(given.map((data) => data[key])).size).toBe(4);
    }
    expect(given[0]).toMatchObject({ redirectUri: 'https://site.example' });
  });

  it('is asked about where Messenger comes before the config', async () => {
    page().options = { auth: 'required' };
    page().server.delay = 1_000;
    signIn(page(), ADA);
    expect(await start()).not.toBeInstanceOf(Error);
    expect(page().events).toEqual(['ready', 'renewed']);
  });

  it('is none where the deployment has no members', async () => {
    signIn(page(), ADA);
    await open(await start());
    expect(requests('/auth-code')).toEqual([]);
    expect(page().events).toContain('opened');
  });

  it('chats on where the page has an AuthProvider of its own', async () => {
    page().options = { auth: 'upgrade', taken: ['AuthProvider'] };
    vi.spyOn(console, 'error').mockImplementation(() => {});
    signIn(page(), ADA);
    leave(undefined, 'of the other');
    expect(await open(await start())).toBeUndefined();
    expect(errors()).toEqual(['error auth_provider_taken']);
    expect(commands()).not.toContain('Auth.logout');
  });

  it('whose code cannot be had at first chats, and is proven a little later', async () => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    const session = await start();
    page().server.faults.push({ status: 503, code: 'upstream_unavailable' });
    await open(session);
    expect(page().messenger?.isOpen).toBe(true);
    expect(commands()).toContain('MessagingService.stepUpConversation');
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });
});

describe('a deployment that requires members', () => {
  it('and another one on the page is a conflict, whoever is signed in', async () => {
    page().options = { auth: 'required' };
    signIn(page(), ADA);
    const booting = bootMembers().catch((error: Error) => error);
    await page().pass(1);
    Object.assign(window.Genesys?.c as object, { deploymentId: 'another' });
    await page().pass(20_000);
    expect(await booting).toMatchObject({ code: 'messenger_conflict' });
    expect(page().events).not.toContain('ready');
  });

  it('says so at once where nobody is signed in, and is ready once somebody is', async () => {
    page().options = { auth: 'required' };
    const booting = bootMembers().catch((error: Error) => error);
    await page().pass(200);
    expect(await booting).toMatchObject({ code: 'sign_in_required' });
    expect(page().events).toEqual(['error sign_in_required']);
    signIn(page(), ADA);
    const { session } = (window as never)[Symbol.for('genesys-guest')] as { session: GuestSession };
    await Promise.all([session.refresh(), page().pass(1_000)]);
    expect(page().events).toContain('ready');
    expect(await open(session)).toBeUndefined();
  });

  it('has the host sign in who opens the chat', async () => {
    page().options = { auth: 'required' };
    const onSignInRequired = vi.fn(() => signIn(page(), ADA));
    bootMembers({ onSignInRequired }).catch(() => {});
    await page().pass(1_000);
    expect(onSignInRequired).not.toHaveBeenCalled();
    const { session } = (window as never)[Symbol.for('genesys-guest')] as { session: GuestSession };
    expect(await open(session)).toBeUndefined();
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });
});

describe('many sessions on one page', () => {
  it('leave no channel and one AuthProvider', async () => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    for (let i = 0; i < 20; i += 1) {
      const session = (await start()) as GuestSession;
      session.dispose();
    }
    expect(FakeChannel.open).toBe(0);
    await open(await start());
    expect(localStorage.getItem(JWT)).toMatch(/^code-/);
    expect(errors()).toEqual([]);
  });
});
