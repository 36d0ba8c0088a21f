// @vitest-environment jsdom
// An anonymous conversation becomes that of the member who signs in, if the same visitor began it.
import { describe, expect, it } from 'vitest';
import { JWT } from '../testing/auth.ts';
import { ADA, signIn, useMembersPage } from '../testing/members.ts';
import type { GuestSession } from '../types.ts';

const { page, start, open, commands } = useMembersPage();

describe('an anonymous conversation', () => {
  const chat = async (options: object = {}) => {
    page().options = { auth: 'upgrade' };
    const session = (await start(options)) as GuestSession;
    await open(session);
    return session;
  };
  const messaging = () => commands().filter((name) => /stepUp|[cC]lear/.test(name));

  it('becomes the member’s who signs in', async () => {
    const session = await chat();
    signIn(page(), ADA);
    await Promise.all([session.refresh(), page().pass(5_000)]);
    expect(messaging()).toEqual(['MessagingService.stepUpConversation']);
    expect(localStorage.getItem(JWT)).toBe('code-1');
    expect(page().messenger?.isOpen).toBe(true);
  });

  it('is ended where another cookie began it', async () => {
    const session = await chat();
    page().server.externalId = 'guest-lkj_-ihgfedcba9876543210';
    await Promise.all([session.refresh(), page().pass(5_000)]);
    signIn(page(), ADA);
    await Promise.all([session.refresh(), page().pass(5_000)]);
    expect(messaging()).toEqual(['MessagingService.clearConversation']);
  });

  it.each([
    ['clear', ['MessagingService.clearConversation']],
    ['keep', []],
  ] as const)(
    'that began in no page of this browser session is not taken over: %s',
    async (onChange, expected) => {
      const session = await chat({ onChange });
      sessionStorage.clear();
      signIn(page(), ADA);
      await Promise.all([session.refresh(), page().pass(5_000)]);
      expect(messaging()).toEqual(expected);
    },
  );

  it('is left where Messenger does not tell who chats and it began elsewhere', async () => {
    page().options = { auth: 'upgrade', tellsWho: false };
    const session = (await start()) as GuestSession;
    await open(session);
    sessionStorage.clear();
    signIn(page(), ADA);
    await Promise.all([session.refresh(), page().pass(5_000)]);
    expect(messaging()).toEqual([]);
  });

  it('goes on where the cookie is lost', async () => {
    const session = await chat();
    page().server.externalId = undefined;
    await Promise.all([session.refresh(), page().pass(5_000)]);
    expect(messaging()).toEqual([]);
  });
});
