// What members can rely on when they leave: the next visitor of this browser finds nothing of theirs.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { type Engine, say, type Tab } from '../engines.ts';
import {
  arrive,
  everything,
  hears,
  jwtOf,
  openChat,
  post,
  refresh,
  reload,
  sees,
  texts,
  watch,
  watchFor,
} from './person.ts';
import { ADA, KOFI, type MembersSite, NOBODY, provenOf, type StartMembersSite } from './site.ts';

const SECRET = 'My card number is 4000';

export const membersLeaveNothing = (engine: () => Engine, startSite: StartMembersSite): void => {
  /** Ada has said something that Kofi is not to find. */
  const leaveSecret = async (site: MembersSite) => {
    const { visitor, tab } = await arrive(engine(), site, 'ada');
    await openChat(tab);
    await say(tab, SECRET);
    const jwt = await jwtOf(tab);
    expect(jwt).not.toBeNull();
    return { visitor, tab, jwt: String(jwt) };
  };

  /** Whoever sits at the browser now loads the page and chats. */
  const chatAfterReload = async (tab: Tab, words: string) => {
    await reload(tab);
    await openChat(tab);
    await say(tab, words);
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
      await chatAfterReload(tab, 'I am new here');
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
      await chatAfterReload(tab, 'I am new here');
      await findsNothing(tab, jwt);
      expect(provenOf(site)).toEqual([ADA, KOFI]);
      await visitor.end();
    },
  );

  it('leave nothing where the page cannot see Messenger’s tokens, either', async () => {
    const site = await startSite('upgrade', { unknown: { tokensIn: 'platform' } });
    const { visitor, tab } = await arrive(engine(), site, 'ada');
    await openChat(tab);
    await say(tab, SECRET);
    await post(tab, '/sign-in/kofi');
    await watchFor(tab, SECRET);
    await chatAfterReload(tab, 'I am new here');
    await findsNothing(tab, 'no JWT', (await everything(tab)).heard.length);
    expect(provenOf(site)).toEqual([ADA, KOFI]);
    await visitor.end();
  });

  it('leave nothing for nobody, whose page comes after the sign-out', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await post(tab, '/sign-out');
    await watchFor(tab, SECRET);
    await chatAfterReload(tab, 'I am nobody');
    await findsNothing(tab, jwt);
    expect(provenOf(site)).toEqual([ADA, NOBODY]);
    await visitor.end();
  });

  it.each([
    ['the next one on the same page', 'kofi', 'I am new here', KOFI],
    ['nobody on the same page, who chats on as nobody', undefined, 'I am nobody', NOBODY],
  ] as const)('leave nothing for %s', async (_, next, words, proven) => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    await post(tab, '/sign-out');
    if (next) await post(tab, `/sign-in/${next}`);
    await refresh(tab);
    await watchFor(tab, SECRET);
    const { length } = (await everything(tab)).heard;
    await openChat(tab);
    await say(tab, words);
    await findsNothing(tab, jwt, length);
    expect(provenOf(site)).toEqual([ADA, proven]);
    await visitor.end();
  });

  it('sign out in every tab', async () => {
    const site = await startSite('upgrade');
    const { visitor, tab, jwt } = await leaveSecret(site);
    const other = await visitor.open(site.url, watch);
    await sees(other, SECRET);
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
};
