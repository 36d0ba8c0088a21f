// A page of a mount with members, for tests under jsdom.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, vi } from 'vitest';
import { bootSession } from '../boot.ts';
import { facade } from '../facade/facade.ts';
import { startKeeper } from '../guest/keeper.ts';
import type { LoadPart } from '../load-part.ts';
import { startMembers } from '../members/members.ts';
import type { BootOptions, GuestSession } from '../types.ts';
import { JWT } from './auth.ts';
import { closePage, openPage, type TestPage } from './page.ts';
import { ENDPOINT, MESSENGER } from './server.ts';

/** Tags of two members; the first of each is the newest. */
export const ADA = ['new.ada', 'old.ada'] as const;
export const BERT = ['new.bert', 'old.bert'] as const;

/** Where a page keeps whose Messenger is. */
export const WHOSE = 'genesys-guest:member:deployment-1';

export const SETTINGS = { ...MESSENGER, members: true };

/** What is fetched when it is needed is at hand. */
const PARTS = { guest: startKeeper, facade, members: startMembers };
const load = (async (name) => PARTS[name]) as LoadPart;

export const bootMembers = (options: BootOptions = {}): Promise<GuestSession> =>
  bootSession({
    endpoint: ENDPOINT,
    messenger: SETTINGS,
    load,
    ...options,
  });

/** The browser's own hash would take a time of its own, which no test could wait for. */
export const openMembersPage = (): TestPage => {
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_name, data) => {
    const { buffer } = new Uint8Array(
      createHash('sha256')
        .update(new Uint8Array(data as ArrayBuffer))
        .digest(),
    );
    return buffer;
  });
  return openPage();
};

/** Who is signed in on the site. */
export const signIn = ({ server }: TestPage, member?: readonly string[]): void => {
  server.externalId = member && `member ${member[0]}`;
  server.member = member;
};

/** What a member has left in this browser. */
export const leave = (tag: string | undefined, jwt: string | undefined): void => {
  if (tag !== undefined) localStorage.setItem(WHOSE, tag);
  if (jwt !== undefined) localStorage.setItem(JWT, jwt);
};

export const isCovered = (): boolean =>
  [...document.querySelectorAll('style')].some(({ textContent }) => textContent?.includes('genesys-mxg'));

/** A page with members for each test of a file, and what is asked of it most. */
export const useMembersPage = () => {
  let current: TestPage;
  beforeEach(() => {
    current = openMembersPage();
  });
  afterEach(async () => {
    await closePage();
    sessionStorage.clear();
  });
  /** Waits until everything has happened that happens by itself. */
  const settle = async <Result>(work: Promise<Result>): Promise<Result | Error> => {
    const settled = work.catch((error: Error) => error);
    await current.pass(5_000);
    return settled;
  };
  return {
    page: () => current,
    /** What Messenger was told to do. */
    commands: () => current.messenger?.commands ?? [],
    /** Requests to our server whose path or body includes this. */
    requests: (text: string) => current.server.requests.filter((request) => request.includes(text)),
    errors: () => current.events.filter((event) => event.startsWith('error')),
    start: (options: BootOptions = {}) => settle(bootMembers(options)),
    open: (session: GuestSession | Error) => settle((session as GuestSession).open()),
  };
};
