// A page of a mount with members, for tests under jsdom.
import { createHash } from 'node:crypto';
import { vi } from 'vitest';
import { bootSession } from '../boot.ts';
import { startMembers } from '../members/members.ts';
import type { BootOptions, GuestSession } from '../types.ts';
import { JWT } from './auth.ts';
import { openPage, type TestPage } from './page.ts';
import { ENDPOINT, MESSENGER } from './server.ts';

/** Tags of two members; the first of each is the newest. */
export const ADA = ['new.ada', 'old.ada'] as const;
export const BERT = ['new.bert', 'old.bert'] as const;

/** Where a page keeps whose Messenger is. */
export const WHOSE = 'genesys-guest:member:deployment-1';

export const SETTINGS = { ...MESSENGER, members: true };

export const bootMembers = (options: BootOptions = {}): Promise<GuestSession> =>
  bootSession({
    endpoint: ENDPOINT,
    messenger: SETTINGS,
    loadMembers: async () => startMembers,
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
