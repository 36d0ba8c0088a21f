// Members in Messenger: signed in by the page's provider, kept by tokens, and signed out everywhere.
import { describe, expect, it } from 'vitest';
import type { AuthMode } from '../settings.ts';
import {
  openPage,
  type Page,
  say,
  startPage,
  storageOf,
  TOKENS,
  tokensIn,
  useStillClock,
} from './testing.ts';
import { type Cloud, startCloud } from './testing-cloud.ts';
import { ADA, chatAsMember, provide } from './testing-provider.ts';

useStillClock();

const MINUTE = 60_000;

const pageOf = (auth: AuthMode, cloud: Cloud = startCloud({ auth })) => startPage({ cloud });
const eventsOf = (page: Page, ...names: string[]) => names.map((name) => page.hear(name));
const viewsOf = ({ cloud: { cloud } }: Page) => cloud.guests.sessions.views();

describe('a deployment that requires members', () => {
  it('begins no conversation with nobody', async () => {
    const page = await pageOf('required');
    const [started, errors] = eventsOf(page, 'MessagingService.started', 'Auth.authProviderError');
    page.order('Messenger.open');
    const start = page.order('MessagingService.startConversation');
    await page.pass();
    say(page, 'Hello');
    await page.pass();
    expect(start).toEqual([['rejected', 'Cannot start conversation']]);
    expect([started?.length, errors?.length, page.cloud.sockets.size]).toEqual([0, 2, 0]);
    expect(page.find('Messenger')?.textContent).toContain('Sign in to chat with us.');
    expect(page.find('Conversation')?.textContent).toContain('HelloNot delivered');
  });

  it('asks no provider that has not said it is ready', async () => {
    const page = await pageOf('required');
    const site = provide(page, ADA, false);
    page.order('Messenger.open');
    const tokens = page.order('Auth.getTokens');
    await page.pass();
    expect(tokens).toEqual([['rejected', expect.stringContaining('ready()')]]);
    expect([site.asked, page.cloud.sockets.size]).toEqual([[], 0]);
  });

  it('goes on when the provider comes after the window was opened', async () => {
    const page = await pageOf('required');
    page.order('Messenger.open');
    await page.pass();
    const site = provide(page, ADA);
    await page.pass();
    expect([site.asked, page.cloud.sockets.size]).toEqual([['getAuthCode'], 1]);
  });

  it('asks for a code when it is opened, and proves the member to the agent', async () => {
    const page = await pageOf('required');
    const [authenticating, authenticated, started] = eventsOf(
      page,
      'Auth.authenticating',
      'Auth.authenticated',
      'MessagingService.started',
    );
    const site = provide(page, ADA);
    await page.pass();
    expect(site.asked).toEqual([]);
    page.order('Messenger.open');
    await page.pass();
    expect(site.asked).toEqual(['getAuthCode']);
    expect(authenticating?.[0]?.data).toMatchObject({ redirectUri: 'https://shop.example' });
    expect(authenticated?.[0]?.data).toEqual({ jwt: expect.any(String), refreshToken: expect.any(String) });
    expect(started?.[0]?.data).toMatchObject({ authenticated: true, newSession: true });
    expect(tokensIn(page)).toEqual(TOKENS);
    page.order('Database.set', { messaging: { customAttributes: { externalId: 'admin' } } });
    await page.pass();
    say(page, 'Hello');
    await page.pass();
    expect(page.find('What is proven')?.textContent).toContain('IsAuthenticatedtruesubmember-1042');
    expect(page.find('What is proven')?.textContent).toContain('Ada Lindqvist');
    expect(page.find('What the agent sees')?.textContent).toContain('externalIdadmin');
    expect(viewsOf(page)).toMatchObject([{ proven: { sub: ADA.sub }, said: { externalId: 'admin' } }]);
  });

  it('goes on in another browser', async () => {
    const { cloud } = await chatAsMember();
    const other = openPage({ cloud });
    const restored = other.hear('MessagingService.restored');
    other.load();
    await other.pass();
    provide(other, ADA);
    other.order('Messenger.open');
    await other.pass();
    expect(other.find('Conversation')?.textContent).toContain('You said: Hello');
    expect(restored[0]?.data).toMatchObject({ messages: [{ text: 'Hello' }, { text: 'You said: Hello' }] });
  });

  it('says why where the platform refuses the code', async () => {
    const page = await pageOf('required');
    const [authError, started] = eventsOf(page, 'Auth.authError', 'MessagingService.started');
    provide(page, ADA).code = () => ({ authCode: 'used', redirectUri: 'https://shop.example' });
    page.genesys('command', 'Messenger.open');
    const asked = page.order('Auth.getTokens');
    await page.pass();
    expect(asked[0]).toEqual(['rejected', expect.objectContaining({ status: 401 })]);
    expect(authError?.[0]?.data).toMatchObject({ status: 401 });
    expect(started).toHaveLength(0);
  });
});

describe('the next page', () => {
  const next = async (cloud: Cloud, stored: Record<string, string>, member = ADA) => {
    const page = openPage({ cloud, stored });
    const [tokenError, loggedOut] = eventsOf(page, 'Auth.tokenError', 'Auth.loggedOut');
    const site = provide(page, member);
    page.load();
    await page.pass();
    return { page, site, tokenError, loggedOut };
  };

  it('needs no code while the JWT lives, and the refresh token after 16 minutes', async () => {
    const { page, cloud } = await chatAsMember();
    const stored = storageOf(page);
    const first = await next(cloud, stored);
    expect(first.site.asked).toEqual([]);
    expect(first.page.find('Conversation')?.textContent).toContain('You said: Hello');
    await page.pass(16 * MINUTE);
    const later = await next(cloud, stored);
    expect([later.site.asked, later.tokenError?.length]).toEqual([[], 0]);
    expect(later.page.find('Conversation')?.textContent).toContain('You said: Hello');
    expect(storageOf(later.page)['_d1:gcatkn']).not.toBe(stored['_d1:gcatkn']);
    expect(storageOf(later.page)['_d1:gcartkn']).toBe(stored['_d1:gcartkn']);
  });

  it('has the page sign the member in again when the refresh token is dead, too', async () => {
    const { page, cloud } = await chatAsMember();
    const stored = storageOf(page);
    await page.pass(24 * 60 * MINUTE);
    const { page: later, site, tokenError } = await next(cloud, stored);
    expect(tokenError?.[0]?.data).toMatchObject({ status: 401 });
    expect(site.asked).toEqual(['reAuthenticate', 'getAuthCode']);
    expect(later.find('Conversation')?.textContent).toContain('You said: Hello');
  });

  it('takes the code that reAuthenticate resolves with, and waits while it does not', async () => {
    const { page, cloud } = await chatAsMember();
    const stored = storageOf(page);
    await page.pass(24 * 60 * MINUTE);
    const waiting = openPage({ cloud, stored });
    const site = provide(waiting, ADA);
    let resolve: ((value: unknown) => void) | undefined;
    site.reAuthenticate = (event) => {
      resolve = event.resolve;
    };
    waiting.load();
    await waiting.pass();
    expect(waiting.find('Conversation')?.textContent).not.toContain('You said');
    resolve?.(site.code());
    await waiting.pass();
    expect(site.asked).toEqual(['reAuthenticate']);
    expect(waiting.find('Conversation')?.textContent).toContain('You said: Hello');
  });
});

describe('the commands', () => {
  it('get tokens, refresh them and sign in again, each with an event', async () => {
    const page = await pageOf('required');
    const site = provide(page, ADA);
    const authenticated = page.hear('Auth.authenticated');
    for (const name of ['getTokens', 'refreshToken', 'reAuthenticate']) {
      const outcome = page.order(`Auth.${name}`);
      await page.pass();
      expect(outcome).toEqual([['resolved', expect.any(String)]]);
    }
    expect(site.asked).toEqual(['getAuthCode', 'reAuthenticate', 'getAuthCode']);
    expect(authenticated).toHaveLength(3);
  });

  it('are rejected without a provider, and where nobody is signed in', async () => {
    const page = await pageOf('required');
    const [provider, logout] = eventsOf(page, 'Auth.authProviderError', 'Auth.logoutError', 'Auth.error');
    const outcomes = ['getTokens', 'reAuthenticate', 'logout'].map((name) => page.order(`Auth.${name}`));
    await page.pass();
    expect(outcomes.map(([first]) => first?.[0])).toEqual(['rejected', 'rejected', 'rejected']);
    expect(provider).toHaveLength(2);
    expect(logout).toHaveLength(0);
  });

  it('have no ready where the deployment has no authentication', async () => {
    const [off, on] = [await pageOf('off'), await pageOf('upgrade')];
    const heard = [off, on].map((page) => page.hear('Auth.ready'));
    await on.pass();
    expect(heard.map(({ length }) => length)).toEqual([0, 1]);
  });
});
