// The page that shows the chat: our tag as it is served, and the page's Content-Security-Policy.
import { cspDirectives } from '@genesys-guest/server';
import { describe, expect, it } from 'vitest';
import { expectNamed, findingsOf, platform, type SetUp } from '../testing/doctor.ts';
import { page, site } from '../testing/site.ts';
import type { Status } from './check.ts';
import { readPage } from './page.ts';

interface OfPage extends Omit<SetUp, 'check'> {
  readonly head: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without --url the script is asked for where the tag says. */
  readonly mountUnknown?: boolean;
}

const GTM = `<script>(function(w,d){d.createElement('script').src='https://www.googletagmanager.com/gtm.js?id=G'})()</script>`;
const TAG = '<script src="/chat/boot.js" async></script>';
const NONCE = { 'content-security-policy': "script-src 'nonce-r4nd0m' 'strict-dynamic'" };

const PAGES: readonly OfPage[] = [
  {
    broken: 'no tag',
    head: '<script src="/jquery-3.7.1.min.js"></script>',
    sees: 'FAIL  The page has no tag of ours: nothing starts the chat',
    fix: /Add <script src="\/chat\/boot\.js" async><\/script>/,
  },
  {
    broken: 'a tag that is commented out',
    head: `<!-- ${TAG} --><noscript>${TAG}</noscript><template>${TAG}</template>`,
    sees: 'FAIL  The page has no tag of ours: nothing starts the chat',
    fix: /Add <script/,
  },
  {
    broken: 'a tag without the mount path',
    head: '<script src="/boot.js" async></script>',
    sees: 'FAIL  The page loads http://127.0.0.1:<port>/boot.js, and the handler is mounted at http://127.0.0.1:<port>/chat',
    fix: /Write <script src="\/chat\/boot\.js" async><\/script>/,
  },
  {
    broken: 'a tag without the mount path, and no --url',
    head: '<script src="/boot.js" async></script>',
    mountUnknown: true,
    sees: "FAIL  The page's tag loads http://127.0.0.1:<port>/boot.js, which is not our script: HTTP 404",
    fix: /mount path before \/boot\.js/,
  },
  {
    broken: 'a relative tag below a <base>',
    head: '<base href="/de/"><script src="chat/boot.js" async></script>',
    sees: 'FAIL  The page loads http://127.0.0.1:<port>/de/chat/boot.js, and the handler is mounted at http://127.0.0.1:<port>/chat',
    fix: /Write <script src="\/chat\/boot\.js"/,
  },
  {
    broken: 'another data-endpoint',
    head: '<script src="/chat/boot.js" data-endpoint="/api" async></script>',
    sees: "FAIL  The page's tag sends visitors to http://127.0.0.1:<port>/api (data-endpoint), and the handler is at http://127.0.0.1:<port>/chat",
    fix: /leave it out/,
  },
  {
    broken: 'a tag manager',
    head: GTM,
    sees: 'warn  The page as it is served has no tag of ours; what Google Tag Manager may add later, this command cannot see',
    fix: /look for \/chat\/boot\.js among its requests/,
  },
  {
    broken: 'a bundle',
    head: '<script type="module" src="/assets/index-Bx81kq2z.js"></script>',
    sees: 'warn  The page as it is served has no tag of ours; what a bundle may add later, this command cannot see',
    fix: /a bundle calls boot\(\)/,
  },
  {
    broken: 'the deployment’s own snippet beside the tag',
    head: `${TAG}<script>(function(g){g.src='https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js'})({})</script>`,
    sees: "warn  The page also has the deployment's own snippet, which boots Messenger a second time",
    fix: /Take the snippet out/,
  },
  {
    broken: 'a tag without the nonce',
    head: TAG,
    headers: NONCE,
    sees: "FAIL  The page's policy wants a nonce, and our tag has none: browsers do not load it",
    fix: /Give the tag the nonce/,
  },
  {
    broken: 'a nonce that a page cache keeps',
    head: TAG.replace('async', 'async nonce="of-yesterday"'),
    headers: NONCE,
    sees: "FAIL  Our tag has another nonce than the page's policy: browsers do not load it",
    fix: /in the same answer/,
  },
  {
    broken: 'a page with a cookie that every cache keeps',
    head: TAG,
    headers: { 'set-cookie': 'sid=1', 'cache-control': 'public, max-age=300' },
    sees: 'FAIL  The page arrives with Set-Cookie, and a shared cache may give it to other visitors',
    fix: /private or no-store/,
  },
];

describe('a page', () => {
  it.each(PAGES)('is told for what it is: $broken', async ({ head, headers = {}, mountUnknown, ...set }) => {
    const emulator = await platform();
    const origin = await site(emulator, {}, { html: page(head), headers });
    const url = mountUnknown ? [] : ['--url', `${origin}/chat`];
    await expectNamed({ ...set, check: 'page' }, ['--emulator', emulator.url, '--site', origin, ...url]);
  });

  it.each([
    ['plain', TAG, {}, 'The page has our tag (/chat/boot.js)'],
    [
      'with the right nonce',
      TAG.replace('async', 'nonce="r4nd0m"'),
      NONCE,
      'The page has our tag (/chat/boot.js)',
    ],
    [
      'held back for consent',
      TAG.replace('async', 'type="text/plain"'),
      {},
      'The page has our tag (/chat/boot.js), which waits for consent',
    ],
  ])('is good with a tag that is %s', async (_, head, headers, message) => {
    const emulator = await platform();
    const origin = await site(emulator, {}, { html: page(head), headers });
    const args = ['--emulator', emulator.url, '--site', origin, '--url', `${origin}/chat`];
    const { findings } = await findingsOf(args);
    const own = findings.filter(({ check }) => check === 'page');
    expect(own).toContainEqual(expect.objectContaining({ status: 'pass', message }));
    expect(own.map(({ message: text }) => text)).not.toContainEqual(expect.stringMatching(/nonce/));
  });

  it('names every kind of loader that it meets', () => {
    const { unseen } = readPage(
      [
        GTM,
        '<script src="https://tags.tiqcdn.com/utag/a/b/prod/utag.js"></script>',
        '<script src="https://cdn.cookielaw.org/scripttemplates/otSDKStub.js"></script>',
        '<script src="/_next/static/chunks/main.js"></script>',
        '<script src="/bootstrap-datepicker.js"></script>',
      ].join(''),
      'https://www.example.com/',
    );
    expect(unseen).toEqual(['Google Tag Manager', 'Tealium', 'a consent manager', 'a bundle']);
  });
});

describe("the page's Content-Security-Policy", () => {
  const wanted = cspDirectives({ region: 'eu-west-1' });
  const full = Object.entries(wanted)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');

  it.each<[string, Record<string, string>, Status, RegExp]>([
    [
      'blocks all',
      { 'content-security-policy': "default-src 'self'" },
      'fail',
      /blocks Messenger: script-src http/,
    ],
    [
      'blocks calls alone',
      { 'content-security-policy': "script-src * ; connect-src 'self'" },
      'fail',
      /blocks Messenger: connect-src http[^;]*$/,
    ],
    ['lets all pass', { 'content-security-policy': 'default-src *' }, 'pass', /lets Messenger work/],
    ['is not there', {}, 'pass', /no Content-Security-Policy/],
    [
      'asks for Trusted Types',
      { 'content-security-policy': "require-trusted-types-for 'script'" },
      'warn',
      /requires Trusted Types/,
    ],
  ])('%s', async (_, headers, status, cause) => {
    const emulator = await platform();
    const origin = await site(emulator, {}, { headers });
    const { findings } = await findingsOf(['--emulator', emulator.url, '--site', origin]);
    expect(findings.filter(({ check }) => check === 'page')).toContainEqual(
      expect.objectContaining({ status, message: expect.stringMatching(cause) }),
    );
  });

  it('is good as cspDirectives gives it', async () => {
    const emulator = await platform();
    const directives = `${full}; script-src-elem ${emulator.url}; default-src 'none'`;
    const origin = await site(
      emulator,
      {},
      {
        headers: {
          'content-security-policy': directives.replace(
            "connect-src 'self'",
            `connect-src 'self' ${emulator.url}`,
          ),
        },
      },
    );
    const { findings } = await findingsOf(['--emulator', emulator.url, '--site', origin]);
    expect(findings.find(({ check }) => check === 'page')?.message).not.toMatch(/script-src|connect-src/);
  });
});
