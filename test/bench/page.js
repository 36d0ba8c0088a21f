// What a chat costs a page on a slow phone: none, Genesys' own snippet, our script, and our script with the facade.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { median, round } from './measure.js';
import { startShop } from './page-site.js';
import { countTasks, viewOnce, visit } from './page-visit.js';

/** Ms for which the variants take turns, and how often they do at least: one script's tasks differ by a third from run to run. */
const TASKS = { ms: 130_000, rounds: 3 };
const VISITS = { ms: 90_000, rounds: 3 };
/** Ms for which somebody points at the button before the click that was preceded by pointing. */
const POINTING = 1_500;
const VIEWS = 100;
const CHATS = 3;
/** Views at a time. */
const LANES = 4;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const OPEN_MESSENGER = { launcher: 'Open messenger' };
const OPEN_FACADE = { launcher: 'Open chat' };
const VARIANTS = {
  none: ['none', {}],
  snippet: ['snippet', OPEN_MESSENGER],
  default: ['default', OPEN_MESSENGER],
  facade: ['facade', OPEN_FACADE],
  pointed: ['facade', { ...OPEN_FACADE, pointing: POINTING }],
};
const NAMES = { none: 'no chat', snippet: 'snippet', default: 'ours', facade: 'facade' };

const medians = (all) =>
  Object.fromEntries(Object.keys(all[0]).map((figure) => [figure, median(all.map((one) => one[figure]))]));

/**
 * A browser of its own for each phase, so that none carries what another has left. On a signal this process ends as any does: the
 * driver would close the browser first, and the run would fail with that instead.
 */
const inBrowser = async (work) => {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
    handleSIGTERM: false,
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
};

/** Medians of every figure of every variant, of visits that take turns until the time is over. */
const takeTurns = ({ ms, rounds }, names, look) =>
  inBrowser(async (browser) => {
    const seen = Object.fromEntries(names.map((name) => [name, []]));
    const end = performance.now() + ms;
    for (let turn = 0; turn < rounds || performance.now() < end; turn += 1) {
      for (const name of names) seen[name].push(await look(browser, ...VARIANTS[name]));
    }
    return Object.fromEntries(names.map((name) => [name, medians(seen[name])]));
  });

const measure = async (shop) => {
  const tasks = await takeTurns(TASKS, Object.keys(NAMES), (browser, page) =>
    countTasks(browser, shop.url(page)),
  );
  const visits = await takeTurns(VISITS, Object.keys(VARIANTS), (browser, page, how) =>
    visit(browser, shop.url(page), how),
  );
  return Object.fromEntries(Object.keys(VARIANTS).map((name) => [name, { ...tasks[name], ...visits[name] }]));
};

/** Guest-token calls of a thousand views, three in a hundred of which open the chat. */
const upstream = (shop, [page, { launcher }]) =>
  inBrowser(async (browser) => {
    const before = shop.emulator.stats().guestTokens;
    const chats = (view) => view % Math.floor(VIEWS / CHATS) === 1 && view < VIEWS - 1;
    const lane = async (first) => {
      for (let view = first; view < VIEWS; view += LANES)
        await viewOnce(browser, shop.url(page), launcher, chats(view));
    };
    await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));
    return ((shop.emulator.stats().guestTokens - before) * 1_000) / VIEWS;
  });

export const rowsOf = (medians, calls, messengerBytes) => {
  const { none, snippet, default: ours, facade, pointed } = medians;
  const figures = (figure, unit = '', digits = 0) =>
    Object.entries(NAMES)
      .filter(([name]) => medians[name][figure] !== undefined)
      .map(([name, text]) => `${text} ${round(medians[name][figure], digits)}${unit}`)
      .join(', ');
  const row = (name, text, ratio, goal) => ({ name: `Page: ${name}`, figures: text, ratio, goal });
  const against = (one, other) => (other === 0 ? undefined : round(one / other));
  return [
    row(
      'requests',
      `${figures('requests')} (Messenger: 1.1 MB of script, ${round(messengerBytes / 1_000, 0)} kB by gzip)`,
    ),
    row('kB on the wire', figures('kilobytes')),
    row(
      'blocking time',
      figures('blocking', ' ms'),
      against(ours.blocking, snippet.blocking),
      'at most 1; the facade’s as without a chat',
    ),
    row('longest task', figures('longest', ' ms')),
    row('LCP', figures('lcp', ' ms'), against(ours.lcp, snippet.lcp), 'at most 1'),
    row(
      'LCP, the facade against no chat',
      `no chat ${round(none.lcp, 0)} ms, facade ${round(facade.lcp, 0)} ms`,
      against(facade.lcp, none.lcp),
      'at most 1',
    ),
    row('CLS', figures('cls', '', 3)),
    row('click to open chat', figures('open', ' ms')),
    row(
      `click to open chat, pointed at for ${POINTING / 1_000} s`,
      `facade ${round(facade.open, 0)} ms, pointed at ${round(pointed.open, 0)} ms`,
      against(pointed.open, facade.open),
      'at most 0.67',
    ),
    row(
      'guest-token calls a 1,000 views, 3% of which chat',
      `ours ${calls.default}, facade ${calls.facade}`,
      undefined,
      '30',
    ),
  ];
};

export const page = async () => {
  if (!existsSync(CHROMIUM))
    throw new Error(`There is no Chromium at ${CHROMIUM}: install it, or set CHROMIUM`);
  const shop = await startShop();
  try {
    const medians = await measure(shop);
    const calls = {
      default: await upstream(shop, VARIANTS.default),
      facade: await upstream(shop, VARIANTS.facade),
    };
    return rowsOf(medians, calls, shop.messengerBytes);
  } finally {
    await shop.close();
  }
};
