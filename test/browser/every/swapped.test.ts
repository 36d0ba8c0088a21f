// Pages that swap their body or hydrate their whole document, with the libraries that do: the launcher stays, and opens the chat.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInEveryEngine, hears, labels, noteEvents, press, type Tab } from '../engines.ts';
import { FACADE, type HardSiteOptions, SCRIPT, sites } from '../hard/site.ts';

const require = createRequire(import.meta.url);
const library = (path: string) => readFile(require.resolve(path), 'utf8');

/** A document that React rendered on the server, and renders otherwise in the browser. */
const hydrating = async (): Promise<HardSiteOptions> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createElement as h } from 'react';
        import { hydrateRoot } from 'react-dom/client';
        window.hydrate = () => hydrateRoot(document, h('html', { lang: 'en' },
          h('head', null, h('title', null, 'Hydrated')),
          h('body', null, h('main', null, h('h1', null, 'Hydrated')))), { onRecoverableError() {} });`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return { files: { '/lib.js': outputFiles[0]?.text ?? '' } };
};

const LIBRARIES: Record<
  string,
  { options(): Promise<HardSiteOptions>; swap: (tab: Tab) => Promise<unknown> }
> = {
  Turbo: {
    options: async () => ({
      files: { '/lib.js': await library('@hotwired/turbo/dist/turbo.es2017-umd.js') },
    }),
    swap: (tab) =>
      tab.run(() => {
        const { Turbo } = window as unknown as { Turbo: { visit(url: string): void } };
        Turbo.visit('/blank');
      }),
  },
  'Turbo, which morphs it,': {
    options: async () => ({
      head: '<meta name="turbo-refresh-method" content="morph">',
      files: { '/lib.js': await library('@hotwired/turbo/dist/turbo.es2017-umd.js') },
    }),
    swap: (tab) =>
      tab.run(() => {
        const { Turbo } = window as unknown as { Turbo: { visit(url: string, options: object): void } };
        Turbo.visit(location.href, { action: 'replace' });
      }),
  },
  htmx: {
    options: async () => ({
      body: '<a id="next" href="/blank" hx-boost="true">Next</a>',
      files: { '/lib.js': await library('htmx.org/dist/htmx.js') },
    }),
    swap: (tab) => tab.run(() => document.getElementById('next')?.click()),
  },
  'React 18': {
    options: hydrating,
    swap: (tab) => tab.run(() => void (window as unknown as { hydrate(): void }).hydrate()),
  },
  'a body replaced by hand': {
    options: async () => ({ files: { '/lib.js': '' } }),
    swap: (tab) => tab.run(() => document.body.replaceWith(document.createElement('body'))),
  },
};

describeInEveryEngine('A page whose body is swapped', (engine) => {
  const startSite = sites();

  const open = async (library: string, head: string) => {
    const { options, swap } = LIBRARIES[library] as (typeof LIBRARIES)[string];
    const { head: meta = '', ...others } = await options();
    const site = await startSite({ ...others, head: `${meta}${head}<script src="/lib.js"></script>` });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    return {
      site,
      visitor,
      tab,
      async swap() {
        await tab.run(() => document.querySelector('main')?.setAttribute('data-before', ''));
        await swap(tab);
        await until(() => tab.run(() => document.body && !document.querySelector('[data-before]')), Boolean);
      },
    };
  };

  it.each(Object.keys(LIBRARIES))('by %s keeps the facade', async (library) => {
    const { visitor, tab, swap } = await open(library, FACADE);
    await hears(tab, 'ready');
    await swap();
    await press(tab, 'Open chat');
    await hears(tab, 'opened');
    await visitor.end();
  });

  it.each(Object.keys(LIBRARIES))('by %s keeps Messenger’s launcher and window', async (library) => {
    const { site, visitor, tab, swap } = await open(library, SCRIPT);
    await until(
      () => labels(tab),
      (all) => all.includes('Open messenger'),
    );
    await swap();
    await until(
      () => labels(tab),
      (all) => all.filter((label) => label === 'Open messenger').length === 1,
    );
    await tab.run(async () => (await window.GenesysGuest?.boot())?.open());
    expect(await labels(tab)).toEqual(expect.arrayContaining(['Close messenger', 'Messenger']));
    expect(site.emulator.stats().bootstrap).toBe(1);
    await visitor.end();
  });

  it('by Turbo, which morphs it, does not move Messenger: a frame that is moved loads again', async () => {
    const { visitor, tab, swap } = await open('Turbo, which morphs it,', SCRIPT);
    await until(
      () => labels(tab),
      (all) => all.includes('Open messenger'),
    );
    await tab.run(() => {
      const taken: string[] = [];
      Object.assign(window, { taken });
      new MutationObserver((records) => {
        for (const node of records.flatMap(({ removedNodes }) => [...removedNodes])) {
          if (node instanceof Element) taken.push(node.id);
        }
      }).observe(document, { childList: true, subtree: true });
    });
    await swap();
    const taken = await tab.run(() => (window as unknown as { taken: string[] }).taken);
    expect(taken.filter((id) => id.startsWith('genesys'))).toEqual([]);
    expect(await labels(tab)).toContain('Open messenger');
    await visitor.end();
  });
});
