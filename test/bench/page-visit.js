// A visit to a page on a slow phone, measured by the browser itself.

/** As Chromium's developer tools have slow 4G. */
const SLOW_4G = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };
const CPU_SLOWDOWN = 4;
/** Ms without a request after which a page is said to have loaded. */
const QUIET = 2_000;

/** The tasks, and what was parsed in them. */
const TRACED = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

const observe = () => {
  const seen = { lcp: 0, cls: 0 };
  Object.assign(window, { seen });
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch('largest-contentful-paint', ({ startTime }) => {
    seen.lcp = startTime;
  });
  watch('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) seen.cls += value;
  });
};

const settled = (page, devtools) => {
  let timer;
  const { promise, resolve } = deferred();
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(resolve, QUIET);
  };
  for (const type of ['requestWillBeSent', 'dataReceived', 'loadingFinished'])
    devtools.on(`Network.${type}`, wait);
  page.once('load', wait);
  return promise;
};

const deferred = () => {
  const made = {};
  made.promise = new Promise((resolve) => {
    made.resolve = resolve;
  });
  return made;
};

/** Ms of CPU of each task of the page's main thread, on a machine that is so much slower. Other renderers are only being started. */
const tasksOf = (trace, url) => {
  const { traceEvents } = JSON.parse(trace);
  const page = traceEvents.find(({ name, args }) => name === 'ParseHTML' && args.beginData?.url === url);
  return traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && pid === page.pid && tid === page.tid)
    .map(({ tdur = 0 }) => (tdur / 1_000) * CPU_SLOWDOWN);
};

/** A page of its own on a slow network. */
const openPage = async (browser) => {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 } });
  const page = await context.newPage();
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', SLOW_4G);
  return { context, page, devtools };
};

/** Loads a page until nothing is loaded any more. */
const load = async (page, devtools, url) => {
  const quiet = settled(page, devtools);
  await page.goto(url);
  await quiet;
};

/**
 * The tasks of a page. Not with a CPU that is slowed, but by the CPU time of its main thread, multiplied: what else this machine
 * does is not the page's. The driver looks at nothing meanwhile: its looking is a task, too.
 */
export const countTasks = async (browser, url) => {
  const { context, page, devtools } = await openPage(browser);
  await browser.startTracing(page, { categories: TRACED });
  await load(page, devtools, url);
  const tasks = tasksOf(await browser.stopTracing(), url);
  await context.close();
  return {
    blocking: tasks.reduce((sum, task) => sum + Math.max(0, task - 50), 0),
    longest: Math.max(...tasks),
  };
};

/**
 * Loads a page, then opens its chat.
 *
 * @param launcher the name of the button that opens the chat
 * @param pointing ms for which the pointer rests on it before the click
 */
export const visit = async (browser, url, { launcher, pointing = 0 }) => {
  const { context, page, devtools } = await openPage(browser);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  let requests = 0;
  let bytes = 0;
  devtools.on('Network.requestWillBeSent', ({ request }) => {
    if (!request.url.startsWith('data:')) requests += 1;
  });
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await load(page, devtools, url);
  const { lcp, cls } = await page.evaluate(() => window.seen);
  const figures = { requests, kilobytes: bytes / 1_000, lcp, cls };
  if (launcher) figures.open = await open(page, launcher, pointing);
  await context.close();
  return figures;
};

/** Ms from the click to the open window. */
const open = async (page, launcher, pointing) => {
  const button = page.getByRole('button', { name: launcher });
  if (pointing) {
    await button.hover();
    await new Promise((resolve) => setTimeout(resolve, pointing));
  }
  const before = performance.now();
  // Not the driver's click, which points first.
  await button.evaluate((node) => node.click());
  await page.getByRole('dialog', { name: 'Messenger' }).waitFor();
  return performance.now() - before;
};

/** A view by a new visitor, who opens the chat, or only sees that it is there. */
export const viewOnce = async (browser, url, launcher, opens) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    addEventListener('genesys-guest:renewed', () => Object.assign(window, { renewed: true }));
  });
  await page.goto(url);
  const button = page.getByRole('button', { name: launcher });
  await button.waitFor();
  if (opens) {
    await button.click();
    await page.waitForFunction(() => window.renewed);
  }
  await context.close();
};
