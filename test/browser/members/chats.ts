// What members can rely on while they chat: a name that is proven and kept, and a conversation that goes on.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { type Engine, say } from '../engines.ts';
import { arrive, events, hears, openChat, post, refresh, reload, sees, texts, watch } from './person.ts';
import { ADA, NOBODY, provenOf, type StartMembersSite } from './site.ts';

export const membersChat = (engine: () => Engine, startSite: StartMembersSite): void => {
  it.each(['required', 'upgrade'] as const)(
    'chat, and the agent sees a proven name, where the deployment has them %s',
    async (auth) => {
      const site = await startSite(auth);
      const { visitor, tab } = await arrive(engine(), site, 'ada');
      await openChat(tab);
      await say(tab, 'Good day');
      expect(provenOf(site)).toEqual([ADA]);
      expect([site.asked('POST /auth-code'), site.emulator.refusals()]).toEqual([1, []]);
      await visitor.end();
    },
  );

  it('go on after a reload 16 minutes later, and nobody is asked for anything', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(engine(), site, 'ada');
    await openChat(tab);
    await say(tab, 'Good day');
    site.wait(16);
    await reload(tab);
    await sees(tab, 'You said: Good day');
    await say(tab, 'Still here');
    expect(provenOf(site)).toEqual([ADA]);
    expect(await events(tab)).not.toContain('sign_in_required');
    await visitor.end();
  });

  it('have one conversation in two tabs', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(engine(), site, 'ada');
    await openChat(tab);
    await say(tab, 'From the first tab');
    const other = await visitor.open(site.url, watch);
    await openChat(other);
    await sees(other, 'You said: From the first tab');
    await say(other, 'From the second tab');
    await sees(tab, 'You said: From the second tab');
    expect(provenOf(site)).toEqual([ADA]);
    await visitor.end();
  });

  it('whose session on the site is over are told so, and keep what they have', async () => {
    const site = await startSite('required');
    const { visitor, tab } = await arrive(engine(), site, 'ada');
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
      const { visitor, tab } = await arrive(engine(), site);
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
    const { visitor, tab } = await arrive(engine(), site);
    await openChat(tab);
    await say(tab, 'I have a question');
    const other = await visitor.open(site.url, watch);
    await sees(other, 'You said: I have a question');
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
