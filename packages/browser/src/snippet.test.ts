// @vitest-environment jsdom
// A page that has Genesys by a tag manager: the same deployment is shared with it, another one is a conflict.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Genesys } from './genesys.ts';
import { boot } from './index.ts';
import { BOOT, closePage, openPage, runScript, type TestPage } from './testing/page.ts';
import { MESSENGER } from './testing/server.ts';

let page: TestPage;
beforeEach(() => {
  page = openPage();
  page.server.externalId = 'anna';
});
afterEach(closePage);

/** What a tag manager puts on the page: the platform's own snippet, with or without its script. */
const otherSnippet = (deploymentId = MESSENGER.deploymentId, withScript = true): void => {
  const queue = (...args: unknown[]) => {
    queue.q.push(Object.assign(toArguments(...args)));
  };
  queue.q = [] as IArguments[];
  window._genesysJs = 'Genesys';
  window.Genesys ??= queue as unknown as Genesys;
  window.Genesys.c = { environment: 'prod-euw1', deploymentId };
  if (!withScript) return;
  const script = document.createElement('script');
  script.src = MESSENGER.bootstrap;
  HTMLElement.prototype.append.call(document.head, script);
  runScript(page, script);
};
function toArguments(..._: unknown[]): IArguments {
  return arguments;
}

const outcome = async (ms = 15_000) => {
  const booting = boot(BOOT).then(
    () => 'ready',
    ({ code }) => code,
  );
  await page.pass(ms);
  return booting;
};

describe('Genesys on the page by a tag manager', () => {
  it('before us is adopted', async () => {
    otherSnippet();
    expect(await outcome()).toBe('ready');
    expect(page.scripts).toBe(1);
    expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
  });

  it('long before us is adopted', async () => {
    otherSnippet();
    await page.pass(1_000);
    expect(await outcome()).toBe('ready');
    expect(page.scripts).toBe(1);
    expect((await boot()).token).toBe('token-1');
  });

  it('as a stub whose script never comes gets one', async () => {
    otherSnippet(MESSENGER.deploymentId, false);
    expect(await outcome()).toBe('ready');
    expect(page.scripts).toBe(1);
  });

  it.each([['before'], ['after']])('%s us, of another deployment, is a conflict', async (when) => {
    if (when === 'before') otherSnippet('deployment-2');
    const result = outcome();
    if (when === 'after') otherSnippet('deployment-2', false);
    expect(await result).toBe('messenger_conflict');
    expect(page.events.filter((event) => event.startsWith('error'))).toEqual(['error messenger_conflict']);
  });

  it.each([
    ['is no function', { writable: true, value: { version: 1 } }],
    ['cannot be replaced', { writable: false, value: undefined }],
  ])('that is something else, and %s, is a conflict', async (_, property) => {
    Object.defineProperty(window, 'Genesys', { configurable: true, ...property });
    expect(await outcome()).toBe('messenger_conflict');
    expect(page.events).toEqual(['error messenger_conflict', 'disposed']);
    expect(page.scripts).toBe(0);
  });
});
