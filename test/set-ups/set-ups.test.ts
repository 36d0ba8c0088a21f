// Thirty and more wrong set-ups of a tired engineer: each is built, started and visited; it shows one line, and doctor names it.
import { describe, expect, it, onTestFailed } from 'vitest';
import { describeInChromium } from '../browser/chromium.ts';
import { BETWEEN } from './rows/between.ts';
import { PAGE } from './rows/page.ts';
import { PLATFORM } from './rows/platform.ts';
import { START } from './rows/start.ts';
import { VISITORS } from './rows/visitors.ts';
import { askDoctor, type Running, type SetUp, start, type Where } from './set-up.ts';
import { portless } from './site.ts';
import { visitByHttp } from './visitor.ts';

declare module 'vitest' {
  interface TaskMeta {
    setUp?: Pick<SetUp, 'broken' | 'where' | 'sees' | 'doctor'>;
  }
}

const ALL = [...START, ...PLATFORM, ...VISITORS, ...PAGE, ...BETWEEN];
const inBrowser = ({ where }: SetUp) => where === 'browser console';

const originOf = ({ origin, site }: Running): string =>
  origin ?? expect.fail(`The site did not start:\n${site.terminal()}`);

type Seen = (running: Running, sees: string) => Promise<void>;

const answers: Seen = async (running, sees) => {
  expect((await visitByHttp(originOf(running))).map(portless)).toContain(sees);
};

/** The site's own terminal says no more than that it has started. */
const silent: Seen = async ({ site }) => {
  expect(site.terminal()).not.toMatch(/error|warn|fail/i);
};

const SEEN: Readonly<Record<Exclude<Where, 'browser console'>, Seen>> = {
  start: async ({ site, origin }, sees) => {
    expect(origin).toBeUndefined();
    expect(portless(site.terminal())).toContain(sees);
  },
  log: async (running, sees) => {
    const visit = visitByHttp(originOf(running)).catch(() => []);
    await Promise.race([visit, running.site.printed(sees)]);
    expect(portless(running.site.terminal())).toContain(sees);
  },
  'HTTP answer': answers,
  'doctor alone': async (running, sees) => {
    await visitByHttp(originOf(running));
    await silent(running, sees);
  },
  nowhere: async (running, sees) => {
    await answers(running, sees);
    await silent(running, sees);
  },
};

const expectDoctor = async (running: Running, { args, doctor }: SetUp): Promise<void> => {
  const found = await askDoctor(running, args);
  if (doctor === '') expect(found).toEqual([]);
  else expect(found).toContain(doctor);
};

const tryOut = (rows: readonly SetUp[], seen: (row: SetUp) => Seen): void => {
  for (const row of rows) {
    const { broken, where, sees, doctor } = row;
    it(broken, { meta: { setUp: { broken, where, sees, doctor } } }, async () => {
      const running = await start(row);
      await seen(row)(running, sees);
      await expectDoctor(running, row);
    });
  }
};

describe('A wrong set-up shows one line', () => {
  it('of thirty and more', () => {
    const broken = new Set(ALL.filter(({ where }) => where !== 'nowhere').map((row) => row.broken));
    expect(broken.size).toBeGreaterThanOrEqual(30);
  });

  tryOut(
    ALL.filter((row) => !inBrowser(row)),
    ({ where }) => SEEN[where as keyof typeof SEEN],
  );
});

describeInChromium('A wrong set-up shows one line in the console', (browser) => {
  tryOut(ALL.filter(inBrowser), () => async (running, sees) => {
    const page = await browser().newPage();
    const heard: string[] = [];
    const shown = new Promise<void>((resolve) => {
      const hear = (text: string) => {
        heard.push(portless(text));
        if (portless(text).includes(sees)) resolve();
      };
      page.on('console', (message) => hear(message.text()));
      page.on('pageerror', (error) => hear(String(error)));
    });
    onTestFailed(() => console.log(heard.join('\n')));
    await page.goto(originOf(running));
    await shown;
    await page.close();
  });
});
