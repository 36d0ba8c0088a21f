// Thirty and more wrong set-ups of a tired engineer: each is built, started and visited; it shows one line, and doctor names it.
import { describe, expect, it, onTestFailed, onTestFinished } from 'vitest';
import { describeWithRedis, startTestRedis } from '../../packages/server/src/testing/redis.ts';
import { startCluster } from '../../packages/server/src/testing/redis-topologies.ts';
import { describeInChromium } from '../browser/chromium.ts';
import { BETWEEN } from './rows/between.ts';
import { PAGE } from './rows/page.ts';
import { PLATFORM } from './rows/platform.ts';
import { START } from './rows/start.ts';
import { INSTANCES, REDIS_FAULTS, type RedisFault, withRedis } from './rows/store.ts';
import { VISITORS } from './rows/visitors.ts';
import { askDoctor, type Running, type SetUp, start, type Where } from './set-up.ts';
import { portless } from './site.ts';
import { visitByHttp } from './visitor.ts';

declare module 'vitest' {
  interface TaskMeta {
    setUp?: Pick<SetUp, 'broken' | 'where' | 'sees' | 'doctor'>;
  }
}

const ALL = [...START, ...PLATFORM, ...VISITORS, ...PAGE, ...BETWEEN, ...INSTANCES];
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
    // It may go on behind: what hangs in it ends with the site.
    visitByHttp(originOf(running)).catch(() => []);
    onTestFailed(() => console.log(running.site.terminal()));
    await running.site.printed(sees);
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
  if (doctor === '') expect(found.filter((line) => !line.startsWith('skip'))).toEqual([]);
  else expect(found.join('\n')).toContain(doctor);
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

/** The URL of a Redis that fails so; it ends with the test. */
const REDIS: Readonly<Record<RedisFault, () => Promise<string>>> = {
  'Redis at a wrong port': async () => 'redis://127.0.0.1:1',
  'a rediss:// URL of a Redis without TLS': async () =>
    (await startTestRedis()).url.replace('redis:', 'rediss:'),
  'a wrong password of Redis': async () => {
    const redis = await startTestRedis();
    await redis.command('CONFIG', 'SET', 'requirepass', 'right');
    return redis.url.replace('//', '//:wrong@');
  },
  'a user of Redis without the right to what the store does': async () => {
    const redis = await startTestRedis();
    const rights = ['on', '>password', '~*', '-@all', '+hello', '+client', '+info', '+ping'];
    await redis.command('ACL', 'SETUSER', 'shop', ...rights);
    return redis.url.replace('//', '//shop:password@');
  },
  'one node of a Redis cluster, asked by url (MOVED)': async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster[Symbol.asyncDispose]());
    return `redis://127.0.0.1:${cluster.ports[0]}`;
  },
};

describeWithRedis('A wrong set-up of Redis shows one line', () => {
  for (const broken of REDIS_FAULTS) {
    const { where, sees, doctor } = withRedis(broken, '');
    it(broken, { meta: { setUp: { broken, where, sees, doctor } } }, async () => {
      const row = withRedis(broken, await REDIS[broken]());
      const running = await start(row);
      await SEEN.log(running, sees);
      await expectDoctor(running, row);
    });
  }
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
