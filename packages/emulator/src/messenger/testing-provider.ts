// The page's `AuthProvider` for tests: a member who is signed in on the site, or not.
import type { Member } from '../members/logins.ts';
import type { CommandEvent, Plugin } from './bus.ts';
import { type Page, say, startPage } from './testing.ts';
import { type Cloud, startCloud } from './testing-cloud.ts';

export const ADA: Member = {
  sub: 'member-1042',
  email: 'ada@shop.example',
  givenName: 'Ada',
  familyName: 'Lindqvist',
};

export interface Site {
  /** Who is signed in on the site; nobody makes `getAuthCode` reject. */
  member: Member | undefined;
  /** Commands that Messenger gave, oldest first. */
  readonly asked: string[];
  /** What `reAuthenticate` does; default: resolve with nothing. */
  reAuthenticate: (event: CommandEvent) => void;
  /** What `signIn` does; default: resolve with a code. */
  signIn: (event: CommandEvent, plugin: Plugin) => void;
  /** A new code for the member. */
  code(): { authCode: string; redirectUri: string };
}

/** Registers the provider; without `ready` it leaves out what is mandatory. */
export const provide = (page: Page, member: Member | undefined, ready = true): Site => {
  let codes = 0;
  const site: Site = {
    member,
    asked: [],
    reAuthenticate: (event) => event.resolve(),
    signIn: (event) => event.resolve(site.code()),
    code() {
      codes += 1;
      const authCode = `${site.member?.sub}-${codes}-${Math.random()}`;
      if (site.member) page.cloud.codes.set(authCode, site.member);
      return { authCode, redirectUri: 'https://shop.example' };
    },
  };
  page.genesys('registerPlugin', 'AuthProvider', (plugin: Plugin) => {
    const command = (name: string, work: (event: CommandEvent) => void) =>
      plugin.registerCommand(name, (event) => {
        site.asked.push(name);
        work(event);
      });
    command('getAuthCode', (event) =>
      site.member ? event.resolve(site.code()) : event.reject('nobody is signed in'),
    );
    command('reAuthenticate', (event) => site.reAuthenticate(event));
    command('signIn', (event) => site.signIn(event, plugin));
    if (ready) plugin.ready();
  });
  return site;
};

/** A member who has chatted, on a page of their own. */
export const chatAsMember = async (
  cloud: Cloud = startCloud({ auth: 'required' }),
): Promise<{ readonly page: Page; readonly site: Site; readonly cloud: Cloud }> => {
  const page = await startPage({ cloud });
  const site = provide(page, ADA);
  page.order('Messenger.open');
  await page.pass();
  say(page, 'Hello');
  await page.pass();
  return { page, site, cloud };
};
