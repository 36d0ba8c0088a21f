// The list of what members can rely on in a browser, against the emulator and the real server: a name that is proven, kept, and gone with its member.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInEveryEngine, type Engine, type EngineName, type Tab } from '../engines.ts';
import {
  events,
  everything,
  hears,
  jwtOf,
  openChat,
  post,
  refresh,
  reload,
  say,
  texts,
  watch,
  watchFor,
} from './person.ts';
import { type MembersSite, membersSites } from './site.ts';

const ADA = { isAuthenticated: true, sub: 'member-ada', email: 'ada@shop.example', name: 'Ada Lindqvist' };
const KOFI = { ...ADA, sub: 'member-kofi', email: 'kofi@shop.example', name: 'Kofi Mensah' };
const NOBODY = { isAuthenticated: false };
const SECRET = 'My card number is 4000';

const provenOf = ({ emulator }: MembersSite) => emulator.conversations().map(({ proven }) => proven);

const suite = (engine: () => Engine): void => {
  const startSite = membersSites();

  /** A person who signs in on the site, and then comes to its page. */
  const arrive = async (site: MembersSite, name?: string) => {
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, watch);
    if (name) {
      await post(tab, `/sign-in/${name}`);
      await tab.goto(site.url);
    }
    await hears(tab, 'ready');
    return { visitor, tab };
  };

  it.each(['required', 'upgrade'] as const)(
    'chat, and the agent sees a proven name, where the deployment has them %s',
    async (auth) => {
      const site = await startSite(auth);
      const { visitor, tab } = await arrive(site, 'ada');
      await openChat(tab);
      await say(tab, 'Good day');
      expect(provenOf(site)).toEqual([ADA]);
      expect([site.asked('POST /auth-code'), site.emulator.refusals()]).toEqual([1, []]);
      await visitor.end();
    },
  );

  it('go on after a reload 16 minutes later, and nobody is asked for anything', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(site, 'ada');
    await openChat(tab);
    await say(tab, 'Good day');
    site.wait(16);
    await reload(tab);
    await until(
      () => texts(tab),
      (all) => all.includes('You said: Good day'),
    );
    await say(tab, 'Still here');
    expect(provenOf(site)).toEqual([ADA]);
    expect(await events(tab)).not.toContain('sign_in_required');
    await visitor.end();
  });

  it('have one conversation in two tabs', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(site, 'ada');
    await openChat(tab);
    await say(tab, 'From the first tab');
    const other = await visitor.open(site.url, watch);
    await openChat(other);
    await until(
      () => texts(other),
      (all) => all.includes('You said: From the first tab'),
    );
    await say(other, 'From the second tab');
    await until(
      () => texts(tab),
      (all) => all.includes('You said: From the second tab'),
    );
    expect(provenOf(site)).toEqual([ADA]);
    await visitor.end();
  });

  /** Ada has said something that Kofi is not to find. */
  const leaveSecret = async (site: MembersSite) => {
    const { visitor, tab } = await arrive(site, 'ada');
    await openChat(tab);
    await say(tab, SECRET);
    const jwt = await jwtOf(tab);
    expect(jwt).not.toBeNull();
    return { visitor, tab, jwt: String(jwt) };
  };

  const findsNothing = async (tab: Tab, jwt: string, heardBefore = 0) => {
    const { dom, stored, heard, seen } = await everything(tab);
    expect(dom).not.toContain(SECRET);
    expect(stored).not.toContain(SECRET);
    expect(stored).not.toContain(jwt);
    expect(heard.slice(heardBefore).join('\n')).not.toContain(SECRET);
    expect(seen).toEqual([]);
  };

  it.each(['required', 'upgrade'] as const)(
    'leave nothing for the next one, who comes by page loads, where the deployment has them %s',
    async (auth) => {
      const site = await startSite(auth);
      const { visitor, tab, jwt } = await leaveSecret(site);
      await post(tab, '/sign-out');
      await post(tab, '/sign-in/kofi');
      await watchFor(tab, SECRET);
      await reload(tab);
      await openChat(tab);
      await say(tab, 'I am new here');
      await findsNothing(tab, jwt);
      expect(provenOf(site)).toEqual([ADA, KOFI]);
      await visitor.end();
    },
  );

  it.each([
    ['refuses to sign them out', { fault: 'status', status: 500 }],
    ['does not answer', { fault: 'hang' }],
  ] as const)(
    'are not seen by the next one, and cleared from this browser, where the platform %s',
    async (_, fault) => {
      const site = await startSite('upgrade');
      const { visitor, tab, jwt } = await leaveSecret(site);
      await post(tab, '/sign-in/kofi');
      await watchFor(tab, SECRET);
      site.emulator.fault({ call: 'revoke', times: 'always', ...fault });
      await tab.goto(site.url);
      await hears(tab, 'error messenger_cleared');
      await findsNothing(tab, jwt, (await everything(tab)).heard.length);
      await reload(tab);
      await openChat(tab);
      await say(tab, 'I am new here');
      await findsNothing(tab, jwt);
      expect(provenOf(site)).toEqual([ADA, KOFI]);
      await visitor.end();
    },
  );

  it('leave nothing where the page cannot see Messenger’s tokens, either', async () => {
    const site = await startSite('upgrade', { unknown: { tokensIn: 'platform' } });
    const { visitor, tab } = await arrive(site, 'ada');
    await openChat(tab);
    await say(tab, SECRET);
    await post(tab, '/sign-in/kofi');
    await watchFor(tab, SECRET);
    await reload(tab);
    await openChat(tab);
    await say(tab, 'I am new here');
    await findsNothing(tab, 'no JWT', (await everything(tab)).heard.length);
    expect(provenOf(site)).toEqual([ADA, KOFI]);
    await visitor.end();
  });

  it('leave nothing for nobody, whose page comes after the sign-out', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await post(tab, '/sign-out');
    await watchFor(tab, SECRET);
    await reload(tab);
    await openChat(tab);
    await say(tab, 'I am nobody');
    await findsNothing(tab, jwt);
    expect(provenOf(site)).toEqual([ADA, NOBODY]);
    await visitor.end();
  });

  it('leave nothing for the next one on the same page', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await post(tab, '/sign-out');
    await post(tab, '/sign-in/kofi');
    await refresh(tab);
    await watchFor(tab, SECRET);
    const { length } = (await everything(tab)).heard;
    await openChat(tab);
    await say(tab, 'I am new here');
    await findsNothing(tab, jwt, length);
    expect(provenOf(site)).toEqual([ADA, KOFI]);
    await visitor.end();
  });

  it('leave nothing for nobody on the same page, who chats on as nobody', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await post(tab, '/sign-out');
    await refresh(tab);
    await watchFor(tab, SECRET);
    const { length } = (await everything(tab)).heard;
    await openChat(tab);
    await say(tab, 'I am nobody');
    await findsNothing(tab, jwt, length);
    expect(provenOf(site)).toEqual([ADA, NOBODY]);
    await visitor.end();
  });

  it('sign out in every tab', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    const other = await visitor.open(site.url, watch);
    await until(
      () => texts(other),
      (all) => all.includes(SECRET),
    );
    await post(tab, '/sign-out');
    await refresh(tab);
    await until(
      () => texts(other),
      (all) => !all.includes(SECRET),
    );
    expect(await jwtOf(other)).toBeNull();
    await hears(other, 'changed');
    await findsNothing(tab, jwt, (await everything(tab)).heard.length);
    await visitor.end();
  });

  it('are signed out by forget(), which ends with the server and Messenger cleared', async () => {
    const site = await startSite('required');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await tab.run(async () => (await window.GenesysGuest?.boot())?.forget());
    expect([site.emulator.stats().revoke, site.asked('POST /forget')]).toEqual([1, 1]);
    await findsNothing(tab, jwt, (await everything(tab)).heard.length);
    await visitor.end();
  });

  it('whose session on the site is over are told so, and keep what they have', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(site, 'ada');
    await openChat(tab);
    await say(tab, 'Good day');
    await post(tab, '/sign-out');
    const refused = await tab.run(
      () =>
        new Promise((resolve) => {
          window.Genesys?.('command', 'Auth.reAuthenticate', {}, resolve, resolve);
        }),
    );
    expect(refused).toEqual({ code: 'sign_in_required' });
    await hears(tab, 'sign_in_required');
    await say(tab, 'Still the same person');
    expect(site.emulator.stats().revoke).toBe(0);
    await visitor.end();
  });

  it('who are required and not there are asked for at once', async () => {
    const site = await startSite('required');
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, watch);
    await hears(tab, 'sign_in_required');
    expect(await events(tab)).not.toContain('ready');
    await post(tab, '/sign-in/ada');
    await tab.run(async () => {
      // The session lives, although `boot` has failed.
      const { session } = (window as unknown as Record<symbol, { session: { refresh(): Promise<void> } }>)[
        Symbol.for('genesys-guest')
      ] as { session: { refresh(): Promise<void> } };
      await session.refresh();
    });
    await openChat(tab);
    await say(tab, 'Here I am');
    expect(provenOf(site)).toEqual([ADA]);
    await visitor.end();
  });

  it.each(['refresh', 'reload'] as const)(
    'step up the conversation that they began as nobody: %s',
    async (how) => {
      const site = await startSite('upgrade');
      const { visitor, tab } = await arrive(site);
      await openChat(tab);
      await say(tab, 'I have a question');
      expect(provenOf(site)).toEqual([NOBODY]);
      await post(tab, '/sign-in/ada');
      await (how === 'refresh' ? refresh : reload)(tab);
      await until(
        () => provenOf(site),
        ([proven]) => proven?.isAuthenticated === true,
      );
      await say(tab, 'And I am Ada');
      expect(provenOf(site)).toEqual([ADA]);
      expect(await texts(tab)).toContain('You said: I have a question');
      await visitor.end();
    },
  );

  it('step up in two tabs at once, whichever of them began', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab } = await arrive(site);
    await openChat(tab);
    await say(tab, 'I have a question');
    const other = await visitor.open(site.url, watch);
    await until(
      () => texts(other),
      (all) => all.includes('You said: I have a question'),
    );
    await post(other, '/sign-in/ada');
    await refresh(other);
    await until(
      () => provenOf(site),
      ([proven]) => proven?.isAuthenticated === true,
    );
    for (const each of [tab, other]) await say(each, 'And I am Ada');
    expect(provenOf(site)).toEqual([ADA]);
    for (const each of [tab, other]) expect(await texts(each)).toContain('You said: I have a question');
    await visitor.end();
  });
};

/** Runs the list in these engines. */
export const membersIn = (...engines: EngineName[]): void => describeInEveryEngine('Members', suite, engines);
