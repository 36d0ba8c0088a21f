// Tokens that the platform keeps in a frame of its own: the page's storage has nothing of them.
import { describe, expect, it, vi } from 'vitest';
import { openPage, type Page, storageOf, useStillClock } from './testing.ts';
import { startCloud } from './testing-cloud.ts';
import { ADA, provide } from './testing-provider.ts';

useStillClock();

const frameOf = ({ window }: Page) => window.document.querySelector('iframe');

/** What the frame says, as the platform's page in it would. */
const tell = (page: Page, tokens: Record<string, string>, origin = 'http://cloud.example') =>
  page.window.dispatchEvent(
    new page.window.MessageEvent('message', {
      origin,
      source: frameOf(page)?.contentWindow ?? null,
      data: { genesysTokens: tokens },
    }),
  );

const open = async () => {
  const page = openPage({ cloud: startCloud({ auth: 'required', unknown: { tokensIn: 'platform' } }) });
  const ready = page.hear('Messenger.ready');
  page.load();
  await page.pass();
  expect(frameOf(page)?.src).toBe('http://cloud.example/genesys-bootstrap/tokens.html#d1');
  return { page, ready };
};

describe('the platform’s storage', () => {
  it('is waited for, and asked by nobody else', async () => {
    const { page, ready } = await open();
    tell(page, {}, 'https://shop.example');
    await page.pass();
    expect(ready).toHaveLength(0);
    tell(page, {});
    await page.pass();
    expect(ready).toHaveLength(1);
  });

  it('keeps the tokens, and tells of another tab that signed out', async () => {
    const { page } = await open();
    tell(page, {});
    await page.pass();
    const post = vi.fn();
    Object.assign(frameOf(page)?.contentWindow ?? {}, { postMessage: post });
    const loggedOut = page.hear('Auth.loggedOut');
    provide(page, ADA);
    page.order('Messenger.open');
    await page.pass();
    const kept = { jwt: expect.any(String), refreshToken: expect.any(String) };
    expect(post).toHaveBeenCalledWith({ keepTokens: kept }, 'http://cloud.example');
    expect(JSON.stringify(storageOf(page))).not.toContain('gcatkn');
    tell(page, {});
    await page.pass();
    expect(loggedOut).toHaveLength(1);
  });
});
