// @vitest-environment jsdom
// A guest in React: it lives as long as its component, in StrictMode too, and is there when Messenger comes late.
import { act, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BOOT, closePage, openPage, type TestPage } from '../../browser/src/testing/page.ts';
import { GenesysGuestProvider, type GuestOptions, useGenesysGuest } from './index.ts';

let page: TestPage;
let root: Root | undefined;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  page = openPage();
  page.server.externalId = 'anna';
});
afterEach(async () => {
  await act(async () => root?.unmount());
  root = undefined;
  await closePage();
});

const Shown = ({ options }: { readonly options?: GuestOptions }) => {
  const { session, error } = useGenesysGuest(options);
  return session ? 'ready' : (error?.code ?? 'starting');
};
const OwnLauncher = ({ count }: { readonly count: () => void }) => {
  count();
  return Shown({ options: { ...BOOT, launcher: () => () => {} } });
};
const withOptions = (options: GuestOptions = BOOT) => createElement(Shown, { options });
const provided = (options: GuestOptions = BOOT) =>
  createElement(GenesysGuestProvider, { ...options }, createElement(Shown));

const place = () => {
  const element = document.createElement('div');
  document.body.append(element);
  return element;
};
const render = async (tree: ReactNode, ms = 200) => {
  root ??= createRoot(place());
  // Effects run when the act is over.
  await act(async () => root?.render(tree));
  await pass(ms);
  return document.body.textContent;
};
const pass = (ms: number) => act(() => page.pass(ms));
const named = (name: string) => page.events.filter((event) => event === name).length;

describe.each([
  ['the hook', withOptions],
  ['the provider', provided],
])('%s', (_, tree) => {
  it('gives the session once the chat can be used, and ends it when it unmounts', async () => {
    expect(await render(tree(), 0)).toBe('starting');
    await pass(200);
    expect(document.body.textContent).toBe('ready');
    await render(null);
    expect(page.events.at(-1)).toBe('disposed');
    expect(await render(tree())).toBe('ready');
    expect(page.scripts).toBe(1);
  });

  it('has one session under StrictMode', async () => {
    expect(await render(createElement(StrictMode, null, tree()))).toBe('ready');
    expect([named('ready'), page.scripts]).toEqual([1, 1]);
  });

  it('has what kept the chat, and takes it when it comes after all', async () => {
    page.fate = 'hangs';
    await render(tree({ ...BOOT, readyTimeout: 3_000 }), 4_000);
    expect(document.body.textContent).toBe('messenger_timeout');
    const { runScript } = await import('../../browser/src/testing/page.ts');
    page.fate = 'loads';
    await act(async () => {
      runScript(page, document.scripts[0] as HTMLScriptElement);
      await page.pass(200);
    });
    expect(document.body.textContent).toBe('ready');
  });

  it('says nothing on a server, and goes on there in the browser', async () => {
    const html = renderToString(tree());
    expect(html).toBe('starting');
    const element = place();
    element.innerHTML = html;
    await act(async () => {
      root = hydrateRoot(element, tree());
    });
    await pass(200);
    expect(element.textContent).toBe('ready');
  });

  it('tells the agent what changes, and starts anew only where it must', async () => {
    await render(tree({ ...BOOT, context: { cart: '1' } }));
    await render(tree({ ...BOOT, context: { cart: '2' } }));
    expect(page.messenger?.attributes).toMatchObject({ cart: '2' });
    await render(tree(BOOT));
    expect(page.messenger?.attributes).toEqual({ externalId: 'anna' });
    expect(named('disposed')).toBe(0);
    await render(tree({ ...BOOT, token: 'eager' }));
    expect([named('disposed'), named('ready')]).toEqual([1, 2]);
  });
});

it('a launcher written into the component is one session', async () => {
  const count = vi.fn(() => {
    if (count.mock.calls.length > 20) throw new Error('renders for ever');
  });
  expect(await render(createElement(OwnLauncher, { count }))).toBe('ready');
  expect(page.events).toEqual(['ready']);
});

it('a context that is no JSON breaks no page, and the next one gets through', async () => {
  const round: Record<string, unknown> = {};
  round['itself'] = round;
  const context = round as Record<string, string>;
  expect(await render(withOptions({ ...BOOT, context }))).toBe('ready');
  await render(withOptions({ ...BOOT, context: { cart: '1' } }));
  expect(page.messenger?.attributes).toMatchObject({ cart: '1' });
});

it('a session that has ended is not shown any more', async () => {
  await render(provided());
  const { boot } = await import('@genesys-guest/browser');
  await act(async () => {
    (await boot()).dispose();
  });
  expect(document.body.textContent).toBe('starting');
});

it('without a provider and without options says what is missing', () => {
  expect(() => renderToString(createElement(Shown))).toThrow(/GenesysGuestProvider/);
});
