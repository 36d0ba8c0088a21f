// WebKit, as Debian packages it: GTK's, in its small browser.
import { existsSync, readdirSync } from 'node:fs';
import type { Kind } from './describe-in.ts';
import type { Engine, Mode, Tab, Visitor } from './engines.ts';
import { type Driver, startDisplay, startDriver } from './webdriver.ts';

/** Below a folder that is named after the machine's kind. */
const BROWSER =
  readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path)) ?? '/usr/lib/webkit2gtk-4.1/MiniBrowser';

const ARGS: Readonly<Record<Mode, readonly string[]>> = {
  usual: [],
  private: ['--private'],
  'no cookies': ['--cookies-policy=never'],
  'no third-party cookies': ['--enable-itp'],
};

/** Keys that are no letters: https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Readonly<Record<string, string>> = {
  Tab: '\uE004',
  Enter: '\uE007',
  Escape: '\uE00C',
  Space: ' ',
};

/** The first script of a test's page: runs what a test wants run before the page, which this driver cannot. */
export const FIRST = '<script>Function(window.name)()</script>';

const createVisitor = (driver: Driver): Visitor => {
  let turn: Promise<unknown> = Promise.resolve();
  let isFirst = true;

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };

  /** Commands go to one window at a time. */
  const inWindow = <Result>(handle: string, work: () => Promise<Result>): Promise<Result> =>
    inTurn(async () => {
      await driver.command('POST', '/window', { handle });
      return work();
    });

  const newWindow = async (): Promise<string> => {
    if (isFirst) {
      isFirst = false;
      return (await driver.command('GET', '/window')) as string;
    }
    return ((await driver.command('POST', '/window/new', { type: 'tab' })) as { handle: string }).handle;
  };

  const run = async (work: unknown, given: unknown) => {
    // As text, so that what is undefined stays so.
    const script = `const [given, done] = arguments;
      const answer = (value) => done(JSON.stringify(value));
      (async () => (${work})(given))().then((value) => answer({ value }), (error) => answer({ error: String(error) }));`;
    const text = (await driver.command('POST', '/execute/async', {
      script,
      args: [given ?? null],
    })) as string;
    const { value, error } = JSON.parse(text) as { value?: never; error?: string };
    if (error !== undefined) throw new Error(error);
    return value as never;
  };

  const goto = (url: string) => driver.command('POST', '/url', { url });

  const tabOf = (handle: string): Tab => ({
    goto: (url) => inWindow(handle, async () => void (await goto(url))),
    run: (work, given) => inWindow(handle, () => run(work, given)),
    key: (name) =>
      inWindow(handle, async () => {
        const value = KEYS[name];
        const actions = [
          { type: 'keyDown', value },
          { type: 'keyUp', value },
        ];
        await driver.command('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
      }),
  });

  return {
    async open(url, before) {
      const tab = tabOf(await inTurn(newWindow));
      if (before) {
        // A window keeps its name from page to page: FIRST runs it in each.
        await tab.goto(new URL('/blank', url).href);
        await tab.run((text) => Object.assign(window, { name: text }) && undefined, `(${before})()`);
      }
      await tab.goto(url);
      return tab;
    },
    end: () => driver.close(),
  };
};

export const WEBKIT: Kind<Engine> = {
  name: 'WebKit',
  variable: 'WEBKIT_DRIVER',
  usual: ['/usr/bin/WebKitWebDriver'],
  needs: [BROWSER, '/usr/bin/Xvfb'],
  packages: 'webkit2gtk-driver and xvfb',
  async launch(path) {
    const display = await startDisplay();
    return {
      close: display.close,
      async visitor(mode = 'usual') {
        const driver = await startDriver(path, display.name, {
          acceptInsecureCerts: true,
          'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation', ...ARGS[mode]] },
        });
        return createVisitor(driver);
      },
    };
  },
};
