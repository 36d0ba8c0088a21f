// @vitest-environment jsdom
// A member on a page: codes for Messenger, and nothing of the last member for the next.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT } from '../testing/auth.ts';
import {
  ADA,
  BERT,
  bootMembers,
  isCovered,
  leave,
  openMembersPage,
  signIn,
  WHOSE,
} from '../testing/members.ts';
import { closePage, type TestPage } from '../testing/page.ts';
import { ANONYMOUS } from '../testing/server.ts';
import type { GuestSession } from '../types.ts';

let page: TestPage;
beforeEach(() => {
  page = openMembersPage();
});
afterEach(async () => {
  await closePage();
  sessionStorage.clear();
});

const commands = () => page.messenger?.commands ?? [];
const requests = (path: string) => page.server.requests.filter((request) => request.includes(path));
const errors = () => page.events.filter((event) => event.startsWith('error'));

/** Boots and lets everything come that comes by itself. */
const start = async (options: Parameters<typeof bootMembers>[0] = {}): Promise<GuestSession | Error> => {
  const booting = bootMembers(options).catch((error: Error) => error);
  await page.pass(5_000);
  return booting;
};
const open = async (session: GuestSession | Error) => {
  const opening = (session as GuestSession).open().catch((error: Error) => error);
  await page.pass(5_000);
  return opening;
};

describe('a member who is signed in on the site', () => {
  it.each(['required', 'upgrade'] as const)('is one in Messenger, where it is %s', async (auth) => {
    page.options = { auth };
    signIn(page, ADA);
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
    page.options = { auth: 'required' };
    signIn(page, ADA);
    await start();
    const given: Record<string, string>[] = [];
    for (const name of ['getAuthCode', 'getAuthCode', 'reAuthenticate', 'signIn']) {
      window.Genesys?.('command', `AuthProvider.${name}`, {}, (data) => given.push(data as never));
      await page.pass(100);
    }
    expect(given).toHaveLength(4);
    for (const key of ['authCode', 'codeVerifier', 'nonce']) {
      expect(new Set(given.map((data) => data[key])).size).toBe(4);
    }
    expect(given[0]).toMatchObject({ redirectUri: 'https://site.example' });
  });

  it('is asked about where Messenger comes before the config', async () => {
    page.options = { auth: 'required' };
    page.server.delay = 1_000;
    signIn(page, ADA);
    expect(await start()).not.toBeInstanceOf(Error);
    expect(page.events).toEqual(['ready', 'renewed']);
  });

  it('is none where the deployment has no members', async () => {
    signIn(page, ADA);
    await open(await start());
    expect(requests('/auth-code')).toEqual([]);
    expect(page.events).toContain('opened');
  });

  it('chats on where the page has an AuthProvider of its own', async () => {
    page.options = { auth: 'upgrade', taken: ['AuthProvider'] };
    vi.spyOn(console, 'error').mockImplementation(() => {});
    signIn(page, ADA);
    leave(undefined, 'of the other');
    expect(await open(await start())).toBeUndefined();
    expect(errors()).toEqual(['error auth_provider_taken']);
    expect(commands()).not.toContain('Auth.logout');
  });

  it('whose code cannot be had at first chats, and is proven a little later', async () => {
    page.options = { auth: 'upgrade' };
    signIn(page, ADA);
    const session = await start();
    page.server.faults.push({ status: 503, code: 'upstream_unavailable' });
    await open(session);
    expect(page.messenger?.isOpen).toBe(true);
    expect(commands()).toContain('MessagingService.stepUpConversation');
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });
});

describe('what the last one left', () => {
  it.each([
    ['another member', BERT, 'new.ada', 'jwt'],
    ['another member, without tokens that a page can see', BERT, 'new.ada', undefined],
    ['nobody', undefined, 'new.ada', 'jwt'],
    ['a member, and tokens without a tag', ADA, undefined, 'jwt'],
    ['a member, and tokens that nobody wrote a tag for', ADA, '', 'jwt'],
    ['nobody, and tokens without a tag', undefined, undefined, 'jwt'],
  ])('is gone before the window can open: %s', async (_, member, tag, jwt) => {
    page.options = { auth: 'upgrade' };
    leave(tag, jwt);
    signIn(page, member);
    bootMembers();
    expect(isCovered()).toBe(false);
    await page.pass(0);
    expect(isCovered()).toBe(true);
    await page.pass(5_000);
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
    page.options = { auth: 'upgrade' };
    leave(tag, tag ? 'jwt' : undefined);
    signIn(page, member);
    await start();
    expect(commands()).not.toContain('Auth.logout');
    expect(localStorage.getItem(JWT)).toBe(tag ? 'jwt' : null);
    expect(localStorage.getItem(WHOSE)).toBe(tag ? 'new.ada' : '');
    expect(isCovered()).toBe(false);
  });

  it.each(['fails', 'hangs'] as const)('is cleared where signing out %s', async (logout) => {
    page.options = { auth: 'upgrade', logout };
    leave('new.ada', 'jwt');
    signIn(page, BERT);
    bootMembers().catch(() => {});
    await page.pass(20_000);
    expect(commands().filter((name) => /logout|clear$/.test(name))).toEqual([
      'Auth.logout',
      'Messenger.clear',
    ]);
    expect(errors()).toContain('error messenger_cleared');
    expect(localStorage.getItem(WHOSE)).toBe('');
  });

  it('stays covered until our server says whose it is', async () => {
    page.options = { auth: 'upgrade' };
    leave('new.ada', 'jwt');
    signIn(page, ADA);
    page.server.faults.push('network');
    bootMembers();
    await page.pass(500);
    expect([isCovered(), page.events.includes('ready')]).toEqual([true, false]);
    await page.pass(10_000);
    expect([isCovered(), page.events.includes('ready')]).toEqual([false, true]);
    expect(localStorage.getItem(JWT)).toBe('jwt');
  });

  it('is nothing: then nobody waits for our server', async () => {
    page.options = { auth: 'upgrade' };
    page.server.faults.push('hang');
    await start();
    expect(page.events).toEqual(['ready']);
  });
});

describe('somebody else on the same page', () => {
  const change = async (to: readonly string[] | undefined, options: object = {}) => {
    page.options = { auth: 'upgrade' };
    signIn(page, ADA);
    const session = (await start(options)) as GuestSession;
    await open(session);
    signIn(page, to);
    await Promise.all([session.refresh(), page.pass(5_000)]);
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
    expect(page.events).toContain('changed');
  });

  it('signs out even where conversations are kept', async () => {
    await change(BERT, { onChange: 'keep' });
    expect(commands()).toContain('Auth.logout');
  });

  it('gets a code of their own', async () => {
    await change(BERT);
    window.Genesys?.('command', 'AuthProvider.getAuthCode', {}, (data) =>
      localStorage.setItem(JWT, (data as { authCode: string }).authCode),
    );
    await page.pass(100);
    expect([localStorage.getItem(JWT), localStorage.getItem(WHOSE)]).toEqual(['code-2', 'new.bert']);
  });

  it('is found in the back/forward cache', async () => {
    page.options = { auth: 'upgrade' };
    signIn(page, ADA);
    await open(await start());
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    expect(isCovered()).toBe(true);
    signIn(page, BERT);
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await page.pass(1);
    expect(isCovered()).toBe(true);
    await page.pass(5_000);
    expect(localStorage.getItem(JWT)).toBeNull();
    expect(isCovered()).toBe(false);
  });

  it('is found where another tab wrote a tag', async () => {
    page.options = { auth: 'upgrade' };
    await start();
    signIn(page, BERT);
    window.dispatchEvent(new StorageEvent('storage', { key: WHOSE, newValue: 'new.bert' }));
    await page.pass(100);
    expect(requests('/config')).toHaveLength(2);
  });
});

describe('a session of the site that merely ends', () => {
  const end = async (options: object = {}) => {
    page.options = { auth: 'upgrade' };
    signIn(page, ADA);
    const session = (await start({ token: 'eager', ...options })) as GuestSession;
    await open(session);
    signIn(page, undefined);
    page.server.externalId = ANONYMOUS;
    await page.pass(page.server.lifetime * 1_000);
    return session;
  };

  it('takes the member from this browser alone', async () => {
    await end();
    expect(commands()).not.toContain('Auth.logout');
    expect(commands()).toContain('Messenger.clear');
  });

  it('leaves everything where the page says so', async () => {
    await end({ onChange: 'keep' });
    expect(commands().filter((name) => /logout|[cC]lear/.test(name))).toEqual([]);
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });

  const ask = async () => {
    const answers: unknown[] = [];
    const take = (value: unknown) => answers.push(value);
    window.Genesys?.('command', 'AuthProvider.reAuthenticate', {}, take, take);
    await page.pass(100);
    return answers;
  };

  it('is told when Messenger asks, as an event and to the host, who may sign the member in', async () => {
    page.options = { auth: 'required' };
    const told = vi.fn();
    window.addEventListener('genesys-guest:sign_in_required', told, { once: true });
    signIn(page, ADA);
    const onSignInRequired = vi.fn(() => signIn(page, ADA));
    await start({ onSignInRequired });
    page.server.member = undefined;
    expect(await ask()).toEqual([expect.objectContaining({ authCode: 'code-1' })]);
    expect([told.mock.calls.length, onSignInRequired.mock.calls.length]).toEqual([1, 1]);
    expect(commands()).not.toContain('Auth.logout');
  });

  it('is a refusal where the host does nothing', async () => {
    page.options = { auth: 'required' };
    signIn(page, ADA);
    await start();
    page.server.member = undefined;
    expect(await ask()).toEqual([{ code: 'sign_in_required' }]);
  });
});

describe('a deployment that requires members', () => {
  it('says so at once where nobody is signed in, and is ready once somebody is', async () => {
    page.options = { auth: 'required' };
    const booting = bootMembers().catch((error: Error) => error);
    await page.pass(200);
    expect(await booting).toMatchObject({ code: 'sign_in_required' });
    expect(page.events).toEqual(['error sign_in_required']);
    signIn(page, ADA);
    const { session } = (window as never)[Symbol.for('genesys-guest')] as { session: GuestSession };
    await Promise.all([session.refresh(), page.pass(1_000)]);
    expect(page.events).toContain('ready');
    expect(await open(session)).toBeUndefined();
  });

  it('has the host sign in who opens the chat', async () => {
    page.options = { auth: 'required' };
    const onSignInRequired = vi.fn(() => signIn(page, ADA));
    bootMembers({ onSignInRequired }).catch(() => {});
    await page.pass(1_000);
    expect(onSignInRequired).not.toHaveBeenCalled();
    const { session } = (window as never)[Symbol.for('genesys-guest')] as { session: GuestSession };
    expect(await open(session)).toBeUndefined();
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });
});

describe('an anonymous conversation', () => {
  const chat = async (options: object = {}) => {
    page.options = { auth: 'upgrade' };
    const session = (await start(options)) as GuestSession;
    await open(session);
    return session;
  };
  const messaging = () => commands().filter((name) => /stepUp|[cC]lear/.test(name));

  it('becomes the member’s who signs in', async () => {
    const session = await chat();
    signIn(page, ADA);
    await Promise.all([session.refresh(), page.pass(5_000)]);
    expect(messaging()).toEqual(['MessagingService.stepUpConversation']);
    expect(localStorage.getItem(JWT)).toBe('code-1');
    expect(page.messenger?.isOpen).toBe(true);
  });

  it('is ended where another cookie began it', async () => {
    const session = await chat();
    page.server.externalId = 'guest-lkj_-ihgfedcba9876543210';
    await Promise.all([session.refresh(), page.pass(5_000)]);
    signIn(page, ADA);
    await Promise.all([session.refresh(), page.pass(5_000)]);
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
      signIn(page, ADA);
      await Promise.all([session.refresh(), page.pass(5_000)]);
      expect(messaging()).toEqual(expected);
    },
  );

  it('is left where Messenger does not tell who chats and it began elsewhere', async () => {
    page.options = { auth: 'upgrade', tellsWho: false };
    const session = (await start()) as GuestSession;
    await open(session);
    sessionStorage.clear();
    signIn(page, ADA);
    await Promise.all([session.refresh(), page.pass(5_000)]);
    expect(messaging()).toEqual([]);
  });

  it('goes on where the cookie is lost', async () => {
    const session = await chat();
    page.server.externalId = undefined;
    await Promise.all([session.refresh(), page.pass(5_000)]);
    expect(messaging()).toEqual([]);
  });
});

describe('forget()', () => {
  it('signs out first, then tells our server, then clears', async () => {
    page.options = { auth: 'upgrade' };
    signIn(page, ADA);
    const session = (await start()) as GuestSession;
    await open(session);
    await Promise.all([session.forget(), page.pass(5_000)]);
    const order = commands().filter((name) => /logout|Messenger.clear/.test(name));
    expect(order).toEqual(['Auth.logout', 'Messenger.clear']);
    expect(requests('/forget')).toHaveLength(1);
    expect(localStorage.getItem(WHOSE)).toBe('');
  });

  it('does not wait for a platform that hangs', async () => {
    page.options = { auth: 'upgrade', logout: 'hangs' };
    signIn(page, ADA);
    const session = (await start()) as GuestSession;
    await open(session);
    const forgetting = session.forget();
    await page.pass(4_900);
    expect(requests('/forget')).toHaveLength(0);
    await Promise.all([forgetting, page.pass(5_000)]);
    expect(requests('/forget')).toHaveLength(1);
  });
});
