// A page whose chat is served by another origin: which cookie settings bring a token there, in which browser, over https.
import { request } from 'node:http';
import { startEmulator } from '@genesys-guest/emulator';
import { type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { hasOpenssl } from '../../certificate.ts';
import { until } from '../chat.ts';
import { describeInEveryEngine, type EngineName, type Mode, press, type Tab } from '../engines.ts';
import { serve, tls } from '../https.ts';

/** A chat and the page that shows it, which is on another origin. */
const start = async (
  pageHost: string,
  guestOptions: (page: string) => GenesysGuestOptions,
  attributes = '',
) => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const page = express();
  const pageUrl = `https://${pageHost}:${await tls(await serve(page))}`;
  const platform = await tls(Number(new URL(emulator.url).port));
  const guest = genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'a-deployment',
    endpoints: {
      ...emulator.endpoints,
      bootstrap: `https://127.0.0.1:${platform}${new URL(emulator.endpoints.bootstrap).pathname}`,
    },
    secrets: ['a secret of this test, 32 characters'],
    ...guestOptions(pageUrl),
  });
  onTestFinished(() => guest.close());
  const chat = await serve(express().use('/chat', guest));
  // As a page's own server hands a path on.
  page.use('/chat', (req, res) => {
    const { method, headers, originalUrl: path } = req;
    const passed = request({ port: chat, host: '127.0.0.1', method, headers, path }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(passed);
  });
  const src = `https://127.0.0.1:${await tls(chat)}/chat/boot.js`;
  page.get('/', (_req, res) => {
    res.send(`<!doctype html><html lang="en"><head><title>A shop</title><link rel="icon" href="data:,">
<script src="${src}" ${attributes} async></script></head><body><h1>A shop</h1></body></html>`);
  });
  return { url: pageUrl, emulator };
};

/** What comes of asking for a token: `token`, or the code of why there is none. */
const asked = (tab: Tab): Promise<string> =>
  tab.run(async () => {
    const session = await window.GenesysGuest?.boot();
    return session?.getToken().then(
      () => 'token',
      ({ code }: { code: string }) => code,
    );
  }) as Promise<string>;

const settled = (outcome: string) => outcome === 'token' || outcome === 'cookie_blocked';

/** Neither ports nor schemes tell sites apart. */
const SAME_SITE = '127.0.0.1';
const OTHER_SITE = 'localhost';
const NONE = { sameSite: 'None', secure: true } as const;

type Outcomes = Readonly<Record<EngineName, Partial<Record<Mode, string>>>>;

const yes = { usual: 'token', 'no third-party cookies': 'token' };
const no = { usual: 'cookie_blocked', 'no third-party cookies': 'cookie_blocked' };
/** Firefox keeps other sites' cookies apart for each page's site, unless it is told to refuse them. */
const unlessRefused = { ...no, usual: 'token' };

/** A driver's Chromium is like its private windows: it refuses cookies of other sites that are not partitioned. */
const ROWS: [string, Parameters<typeof start>, Outcomes][] = [
  [
    'of the same site brings a token',
    [SAME_SITE, (page) => ({ allowedOrigins: [page] })],
    { Chromium: yes, Firefox: yes, WebKit: yes },
  ],
  [
    'of another site brings one to some',
    [OTHER_SITE, (page) => ({ allowedOrigins: [page], cookie: NONE })],
    { Chromium: no, Firefox: unlessRefused, WebKit: no },
  ],
  [
    'of another site with a partitioned cookie brings one to most',
    [OTHER_SITE, (page) => ({ allowedOrigins: [page], cookie: { ...NONE, partitioned: true } })],
    { Chromium: yes, Firefox: unlessRefused, WebKit: no },
  ],
  [
    'of another site through a path of the page’s own brings one to all',
    [OTHER_SITE, () => ({}), 'data-endpoint="/chat"'],
    { Chromium: yes, Firefox: yes, WebKit: yes },
  ],
];

const canServe = hasOpenssl('a chat from another origin');

describeInEveryEngine('A chat from another origin', (engine, name) => {
  it.runIf(canServe).each(ROWS)('%s', async (_, site, expected) => {
    const { url, emulator } = await start(...site);
    for (const [mode, outcome] of Object.entries(expected[name])) {
      const visitor = await engine().visitor(mode as Mode);
      const tab = await visitor.open(url);
      // The chat itself works everywhere.
      await press(tab, 'Open messenger');
      expect([mode, await until(() => asked(tab), settled)]).toEqual([mode, outcome]);
      await visitor.end();
    }
    expect(emulator.stats().bootstrap).toBe(2);
  });
});
