// The hard pages: what each has on it, what is done to it, and how it must end.
import type { Emulator } from '@genesys-guest/emulator';
import type { Page } from 'playwright-core';
import { FACADE, type HardSite, type HardSiteOptions, SCRIPT, WEBCHAT } from './site.ts';

export interface Row extends HardSiteOptions {
  readonly name: string;
  /** What is done to the page before it is opened. */
  readonly prepare?: (page: Page, site: HardSite) => Promise<unknown>;
  /** What is done to it once it is loaded. */
  readonly later?: (page: Page, site: HardSite) => Promise<unknown>;
  /** An error that is told although there is a chat. */
  readonly beside?: string;
  /** The emulated Messenger opens there, but cannot talk: that needs a secure context. */
  readonly mute?: boolean;
}

/** As a tag manager or a colleague puts Messenger on the page. */
const snippet = (deploymentId: string, src?: string) => `<script>
(function (w, name, settings) {
  w._genesysJs = name;
  w[name] = w[name] || function () { (w[name].q = w[name].q || []).push(arguments); };
  w[name].t = Date.now();
  w[name].c = settings;
})(window, 'Genesys', { environment: 'prod-euw1', deploymentId: '${deploymentId}' });
</script>${src ? `<script src="${src}" async charset="utf-8"></script>` : ''}`;

const theirs = (deploymentId: string) => (emulator: Emulator) =>
  snippet(deploymentId, emulator.endpoints.bootstrap);

const inject = (page: Page) => page.addScriptTag({ url: '/chat/boot.js' });

const whenMessengerRuns = async (page: Page) => {
  await page.getByRole('button', { name: 'Open messenger' }).waitFor();
  await inject(page);
};

/** Three seconds must do here: the default is fifteen. */
const HURRIED = `<script src="/chat/boot.js" data-manual></script>
<script>GenesysGuest.boot({ readyTimeout: 3000 }).catch(() => {})</script>`;

export const CHATS: Row[] = [
  { name: 'the script in the head, before there is a body', head: '<script src="/chat/boot.js"></script>' },
  { name: 'the script tag twice', head: SCRIPT + SCRIPT },
  {
    name: 'a launcher that there is not',
    head: '<script src="/chat/boot.js" data-launcher="fasade" async></script>',
    beside: 'launcher_unknown',
  },
  { name: 'Messenger on the page before us', head: (emulator) => theirs(WEBCHAT)(emulator) + SCRIPT },
  { name: 'Messenger running before us', head: theirs(WEBCHAT), later: whenMessengerRuns },
  {
    name: 'Messenger on the page after us',
    head: (emulator) => `<script src="/chat/boot.js"></script>${theirs(WEBCHAT)(emulator)}`,
  },
  { name: 'a stub whose script nobody loads', head: snippet(WEBCHAT) + SCRIPT },
  {
    name: 'storage refused',
    prepare: (page) =>
      page.addInitScript(() => {
        for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
          Object.defineProperty(window, name, {
            get() {
              throw new DOMException('Access is denied', 'SecurityError');
            },
          });
        }
      }),
  },
  { name: 'an iframe', head: '', body: '<iframe src="/inner" width="900" height="650"></iframe>' },
  {
    name: 'an iframe that has no origin, no storage and no cookies',
    head: '',
    body: '<iframe src="/inner" sandbox="allow-scripts" width="900" height="650"></iframe>',
    beside: 'config_failed',
    mute: true,
  },
];

export const ERRORS: (Row & { code: string })[] = [
  {
    code: 'messenger_conflict',
    name: 'another deployment before us',
    head: (emulator) => theirs('another')(emulator) + SCRIPT,
  },
  {
    code: 'messenger_conflict',
    name: 'another deployment running before us',
    head: theirs('another'),
    later: whenMessengerRuns,
  },
  {
    code: 'messenger_conflict',
    name: 'another deployment, written over ours',
    head: (emulator) => `<script src="/chat/boot.js"></script>${theirs('another')(emulator)}`,
  },
  {
    code: 'messenger_blocked',
    name: 'a blocker that lets Messenger not through',
    prepare: (page) => page.route(/genesys\.min\.js/, (route) => route.abort('blockedbyclient')),
  },
  {
    code: 'config_failed',
    name: 'a facade whose script does not come',
    head: FACADE,
    prepare: (page) => page.route(/facade\.js/, (route) => route.abort()),
  },
  {
    code: 'messenger_blocked',
    name: 'a content security policy that does not know Messenger',
    headers: { 'Content-Security-Policy': "script-src 'self'" },
  },
  {
    code: 'messenger_blocked',
    name: 'a page whose errors are frozen',
    prepare: async (page) => {
      await page.addInitScript(() => Object.freeze(Error.prototype));
      await page.route(/genesys\.min\.js/, (route) => route.abort('blockedbyclient'));
    },
  },
  {
    code: 'messenger_timeout',
    name: 'a script of Messenger that never comes',
    head: HURRIED,
    prepare: async (_page, { emulator }) =>
      emulator.fault({ call: 'bootstrap', fault: 'hang', times: 'always' }),
  },
  {
    code: 'messenger_timeout',
    name: 'a deployment whose files never come',
    head: HURRIED,
    prepare: async (_page, { emulator }) =>
      emulator.fault({ call: 'config', fault: 'hang', times: 'always' }),
  },
  {
    code: 'messenger_timeout',
    name: 'a stub whose script has failed before us',
    head: (emulator) => snippet(WEBCHAT, emulator.endpoints.bootstrap),
    prepare: async (page, { emulator }) => {
      emulator.fault({ call: 'bootstrap', fault: 'status', times: 1 });
      await page.addInitScript(() => {
        addEventListener('load', () => {
          const script = document.createElement('script');
          script.src = '/chat/boot.js';
          script.dataset['manual'] = '';
          script.onload = () => {
            const { GenesysGuest } = window as unknown as {
              GenesysGuest: { boot(options: object): Promise<unknown> };
            };
            GenesysGuest.boot({ readyTimeout: 3_000 }).catch(() => {});
          };
          document.head.append(script);
        });
      });
    },
  },
  {
    code: 'domain_not_allowed',
    name: 'a domain that is not allowed',
    emulator: { allowedDomains: ['elsewhere.example'] },
  },
  {
    code: 'deployment_inactive',
    name: 'a deployment that is switched off',
    emulator: { deploymentStatus: 'Inactive' },
  },
  {
    code: 'messenger_headless',
    name: 'a deployment without a window',
    head: HURRIED,
    emulator: { headless: true },
  },
];
