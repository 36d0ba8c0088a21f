// A slow phone: no task of our script holds the page up for more than 50 ms at a CPU slowed four times.
import { expect, it } from 'vitest';
import { say } from '../chat.ts';
import { describeInChromiumAsItIs } from './as-it-is.ts';
import { EAGER, FACADE, sites } from './site.ts';

interface Run {
  readonly source: string;
  /** Which piece of it, and what called that. */
  readonly piece: string;
  readonly ms: number;
}

/** What the types of the DOM do not know yet: an entry of `long-animation-frame`. */
interface LongFrame extends PerformanceEntry {
  readonly scripts: {
    readonly sourceURL: string;
    readonly sourceCharPosition: number;
    readonly invoker: string;
    readonly duration: number;
  }[];
}

/** The most that a task may take, ms. */
const LIMIT = 50;
/** The machine has other things to do: what a piece of the script costs is the best of so many visits. */
const VISITS = 8;

/** Blocks a frame of the page for so long that it must be noticed; before the first paint there is no frame. */
const BUSY = `<script>
  const busy = () => { for (const end = performance.now() + 80; performance.now() < end; ); };
  addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(busy)));
</script>`;

describeInChromiumAsItIs('At a CPU slowed four times', (browser) => {
  const startSite = sites();

  /** What the browser says of each script that it ran in a frame of more than 50 ms. */
  const run = async (url: string, name: string): Promise<Run[]> => {
    const context = await browser().newContext();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await page.addInitScript(() => {
      const runs: Run[] = [];
      Object.assign(window, { runs });
      new PerformanceObserver((list) => {
        for (const frame of list.getEntries() as LongFrame[]) {
          for (const script of frame.scripts) {
            const { sourceURL: source, sourceCharPosition, invoker, duration: ms } = script;
            runs.push({ source, piece: `${invoker} at ${sourceCharPosition}`, ms });
          }
        }
      }).observe({ type: 'long-animation-frame', buffered: true });
    });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(url);
    await page.getByRole('button', { name }).click();
    await say(page, 'hello');
    // Were nothing measured, nothing would be found: the page's own busy script is. A frame is reported later.
    await page.waitForFunction(
      ({ source, limit }) =>
        (window as unknown as { runs: Run[] }).runs.some((run) => run.source === source && run.ms >= limit),
      { source: `${url}/`, limit: LIMIT },
    );
    const runs = await page.evaluate(() => (window as unknown as { runs: Run[] }).runs);
    await context.close();
    return runs;
  };

  it.each([
    ['facade', FACADE, 'Open chat'],
    ['genesys', EAGER, 'Open messenger'],
  ])('each task of the page that is ours is short: launcher %s', async (_, head, name) => {
    const site = await startSite({ head: head + BUSY, emulator: { tokenLifetime: 4 } });
    let long: Map<string, number> | undefined;
    for (let visits = 0; visits < VISITS && long?.size !== 0; visits += 1) {
      const runs = await run(site.url, name);
      const ours = runs.filter(({ source, ms }) => /\/chat\/(boot|facade)\.js$/.test(source) && ms > LIMIT);
      const before = long;
      // What is long every time is long.
      long = new Map(
        ours.filter(({ piece }) => before?.has(piece) ?? true).map(({ piece, ms }) => [piece, ms]),
      );
    }
    expect([...(long ?? [])]).toEqual([]);
  });
});
