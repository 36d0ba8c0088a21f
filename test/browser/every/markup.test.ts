// Markup that somebody else wrote, such as a comment on the page, leads our script nowhere.
import { expect, it } from 'vitest';
import { until } from '../chat.ts';
import { describeInEveryEngine, hears, noteEvents, press } from '../engines.ts';
import { EAGER, sites } from '../hard/site.ts';

describeInEveryEngine('Markup', (engine) => {
  const startSite = sites();

  it.each([
    ['currentScript', '<img name="currentScript" data-endpoint="{evil}/chat" data-launcher="none">'],
    ['scripts', '<img name="scripts">'],
    ['head', '<img name="head">'],
    [
      'GenesysGuestMount',
      '<a id="GenesysGuestMount"></a><a id="GenesysGuestMount" name="bootstrap" href="{evil}/x.js"></a>',
    ],
    ['Genesys', '<a id="Genesys"></a>'],
    ['Genesys, a frame', '<iframe name="Genesys" src="/blank"></iframe>'],
    ['_genesysJs', '<a id="_genesysJs" href="{evil}"></a>'],
    ['GenesysGuest', '<a id="GenesysGuest"></a>'],
  ])('does not stand in for %s', async (name, markup) => {
    const evil = await startSite();
    const html = markup.replaceAll('{evil}', evil.url);
    const site = await startSite({
      head: '',
      body: `${html}${EAGER.replace(' async', '')}`,
    });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, 'renewed');
    // The emulated Messenger believes such markup.
    if (name !== 'currentScript') {
      await press(tab, 'Open messenger');
      await hears(tab, 'opened');
    }
    expect(site.asked('POST /renew')).toBe(2);
    expect(await tab.run(() => typeof window.GenesysGuest?.boot)).toBe('function');
    expect([evil.asked('GET /config'), evil.asked('GET /boot.js'), evil.emulator.stats().bootstrap]).toEqual([
      0, 0, 0,
    ]);
    await visitor.end();
  });

  it('does not move the endpoint by a base', async () => {
    const evil = await startSite();
    const script = EAGER.replace('async', 'defer data-endpoint="/chat"');
    const site = await startSite({ head: `${script}<base href="${evil.url}/">` });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await hears(tab, 'renewed');
    expect([site.asked('POST /renew'), evil.asked('GET /config')]).toEqual([2, 0]);
    await visitor.end();
  });

  it.each(['an inline script', 'a blob'])(
    'with our tag in it is meant, where %s runs the text',
    async (how) => {
      const site = await startSite({ head: '' });
      const visitor = await engine().visitor();
      const tab = await visitor.open(site.url, noteEvents);
      const ran = await tab.run(async (way) => {
        const text = await (await fetch('/chat/boot.js')).text();
        document.body.insertAdjacentHTML('beforeend', '<script src="/chat/boot.js" data-manual></script>');
        // As jQuery's `append` runs what is in markup, and as optimisers run what they have put off.
        const script = document.createElement('script');
        if (way === 'a blob') script.src = URL.createObjectURL(new Blob([text]));
        else script.text = text;
        await new Promise((done) => {
          script.onload = done;
          document.head.append(script);
          if (!script.src) done(undefined);
        });
        await new Promise((done) => setTimeout(done));
        return typeof window.GenesysGuest;
      }, how);
      expect([ran, site.asked('GET /config'), site.emulator.stats().bootstrap]).toEqual(['object', 0, 0]);
      await tab.run(async () => void (await window.GenesysGuest?.boot())?.getToken());
      await hears(tab, 'renewed');
      expect(site.asked('GET /config')).toBe(1);
      await visitor.end();
    },
  );

  it('with our script in it that never ran leads a copy of its text to no other site', async () => {
    const evil = await startSite();
    const site = await startSite({ head: '' });
    const visitor = await engine().visitor();
    const tab = await visitor.open(site.url, noteEvents);
    await tab.run(async (url) => {
      document.body.insertAdjacentHTML('beforeend', `<script src="${url}/chat/boot.js"></script>`);
      const text = await (await fetch('/chat/boot.js')).text();
      // As a tag manager runs it: without a tag.
      setTimeout(text as unknown as () => void, 0);
    }, evil.url);
    await hears(tab, 'ready');
    await until(
      () => site.asked('GET /config'),
      (count) => count === 1,
    );
    expect(evil.asked('GET /config')).toBe(0);
    await visitor.end();
  });
});
