// @vitest-environment jsdom
// boot.js fetches members.js where the mount has members, and nothing more than before where it has none.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { boot } from '../index.ts';
import { openMembersPage, SETTINGS, WHOSE } from '../testing/members.ts';
import { closePage, type TestPage } from '../testing/page.ts';
import { ENDPOINT, MESSENGER } from '../testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openMembersPage();
  delete window.GenesysGuest;
});
afterEach(closePage);

/** Runs boot.js of a mount with these settings. */
const run = async (settings: typeof MESSENGER | undefined) => {
  const tag = Object.assign(document.createElement('script'), {
    src: `${ENDPOINT}/boot.js`,
    nonce: 'n0nce',
  });
  HTMLElement.prototype.append.call(document.head, tag);
  vi.spyOn(Document.prototype, 'currentScript', 'get').mockReturnValue(tag);
  if (settings) window.GenesysGuestMount = settings;
  vi.resetModules();
  await import('../script.ts');
  await page.pass(1_000);
};
const asked = () => page.asked.filter((url) => url.endsWith('members.js'));

it('asks for nothing where the mount has no members', async () => {
  await run(MESSENGER);
  expect(asked()).toEqual([]);
  expect(page.events).toEqual(['ready']);
});

it('fetches it from the mount, with the nonce of its own tag, before Messenger loads', async () => {
  await run(SETTINGS);
  const [script] = document.querySelectorAll<HTMLScriptElement>('script[src$="members.js"]');
  expect([script?.src, script?.nonce]).toEqual([`${ENDPOINT}/members.js`, 'n0nce']);
  expect(page.events).toEqual(['ready']);
});

it('fetches it where the config alone says that there are members', async () => {
  page.server.faults.push({ environment: '', webchatId: 'deployment-1', messenger: SETTINGS });
  await run(undefined);
  expect(asked()).toHaveLength(1);
  expect(page.events).toContain('ready');
});

it('tells it where it does not come, and shows nothing of what the last member left', async () => {
  page.membersFate = 'fails';
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  localStorage.setItem(WHOSE, 'new.ada');
  await run(SETTINGS);
  await page.pass(20_000);
  expect(page.events).toContain('error config_failed');
  expect(page.scripts).toBe(0);
});

it('is asked for again where it did not come, and the chat with it', async () => {
  page.membersFate = 'fails';
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await run(SETTINGS);
  await page.pass(20_000);
  expect([page.events.at(-1), page.scripts]).toEqual(['error config_failed', 0]);
  page.membersFate = 'loads';
  await page.pass(60_000);
  expect([page.events.at(-1), page.scripts]).toEqual(['ready', 1]);
});

it('is imported by the module when it is needed', async () => {
  page.options = { auth: 'required' };
  page.server.externalId = 'anna';
  page.server.member = ['new.ada'];
  const booting = boot({ endpoint: ENDPOINT, messenger: SETTINGS });
  await vi.waitFor(async () => {
    await page.pass(50);
    expect(page.events).toContain('ready');
  });
  (await booting).dispose();
});
