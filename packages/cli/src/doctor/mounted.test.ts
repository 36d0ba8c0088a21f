import type { GenesysGuestOptions } from '@genesys-guest/server';
import { describe, it } from 'vitest';
import { expectNamed, platform, type SetUp } from '../testing/doctor.ts';
import { type ProxyOptions, proxy, site } from '../testing/site.ts';

interface OfSite extends SetUp {
  readonly proxy?: ProxyOptions;
  readonly options?: GenesysGuestOptions;
}

const without =
  (...names: readonly string[]) =>
  (headers: Record<string, string | string[] | undefined>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

const pathOf = (url = '') => url.split('?')[0] ?? '';

const BETWEEN: readonly OfSite[] = [
  {
    broken: 'a proxy that caches by path and forgets no-store',
    proxy: { cacheBy: (req) => (req.method === 'GET' ? pathOf(req.url) : undefined) },
    check: 'caching',
    sees: 'FAIL  The visitor is not recognised by the cookie just set: it does not come back to the handler, or a cache answers',
    fix: /Cookie header/,
  },
  {
    broken: 'a proxy that caches by URL',
    proxy: { cacheBy: (req) => (req.method === 'GET' ? req.url : undefined) },
    check: 'caching',
    sees: "FAIL  A stranger was answered with another visitor's config: a cache keeps what is private",
    fix: /no-store/,
  },
  {
    broken: 'a CDN that says so',
    proxy: { response: (headers) => ({ ...headers, 'x-cache': 'HIT from edge' }) },
    check: 'caching',
    sees: 'FAIL  GET /config comes from a cache (x-cache: HIT from edge), which keeps what is private',
    fix: /Exempt the mount path/,
  },
  {
    broken: 'a proxy that replaces Cache-Control',
    proxy: { response: (headers) => ({ ...headers, 'cache-control': 'public, max-age=60' }) },
    check: 'caching',
    sees: 'FAIL  GET /config arrives with Cache-Control: public, max-age=60: something between replaces no-store',
    fix: /keep Cache-Control/,
  },
  {
    broken: 'a proxy that answers every visitor alike',
    proxy: { cacheBy: (req) => `${req.method}${req.url}${req.headers.origin}` },
    check: 'cookies',
    sees: 'FAIL  Two visitors got the same cookie: a cache answers for the handler',
    fix: /Exempt the mount path/,
  },
  {
    broken: 'a proxy that removes Set-Cookie',
    proxy: { response: without('set-cookie') },
    check: 'cookies',
    sees: 'FAIL  The visitor cookie does not arrive: the answer to POST /renew has no Set-Cookie of ours',
    fix: /proxy_hide_header/,
  },
  {
    broken: 'a proxy that moves the cookie to another path',
    proxy: {
      response: (headers) => ({
        ...headers,
        ...(headers['set-cookie'] && {
          'set-cookie': [headers['set-cookie']].flat().map((line) => line.replace('Path=/', 'Path=/chat')),
        }),
      }),
    },
    check: 'cookies',
    sees: 'FAIL  The visitor cookie is changed on the way: its path is /chat, not /',
    fix: /proxy_cookie_path/,
  },
  {
    broken: 'a proxy that drops Cookie',
    proxy: { request: without('cookie') },
    check: 'caching',
    sees: 'FAIL  The visitor is not recognised by the cookie just set: it does not come back to the handler, or a cache answers',
    fix: /pass the Cookie header on/,
  },
  {
    broken: 'a proxy that changes Host, without publicOrigin',
    proxy: { request: (headers) => ({ ...headers, host: 'backend:3000' }) },
    check: 'origins',
    sees: "FAIL  The handler takes the site's own pages for strangers where the browser sends no Sec-Fetch-Site (origin_forbidden): a proxy changes Host on the way",
    fix: /Set publicOrigin: 'http:\/\/127\.0\.0\.1:\d+'.*proxy_set_header Host \$http_host/,
  },
  {
    broken: 'a proxy that removes what says where a call comes from',
    proxy: { request: without('origin', 'sec-fetch-site') },
    check: 'origins',
    sees: 'FAIL  A page of any other site may call: Origin and Sec-Fetch-Site do not reach the handler',
    fix: /pass both headers/,
  },
  {
    broken: 'a site of another origin that is not listed',
    args: ['--site', 'http://127.0.0.1:1/'],
    check: 'origins',
    sees: 'FAIL  Pages of http://127.0.0.1:<port> may not call http://127.0.0.1:<port> (origin_forbidden)',
    fix: /allowedOrigins: \['http:\/\/127\.0\.0\.1:1'\]/,
  },
  {
    broken: 'an identify that names everyone alike',
    options: { identify: () => ({ externalId: 'everyone' }) },
    check: 'cookies',
    sees: 'FAIL  Two visitors without a session are the same guest: identify(req) names everyone alike, or a cache answers',
    fix: /return undefined for who is not signed in/,
  },
  {
    broken: 'an identify that throws for a stranger',
    options: {
      identify: () => {
        throw new TypeError('no session');
      },
    },
    check: 'mount',
    sees: 'FAIL  identify(req) fails for who is not signed in: HTTP 500 from http://127.0.0.1:<port>/chat/config',
    fix: /must return undefined for who is not signed in/,
  },
  {
    broken: 'a cache that ignores Vary',
    proxy: { request: (headers) => ({ ...headers, 'accept-encoding': 'br' }) },
    check: 'boot-script',
    sees: 'FAIL  http://127.0.0.1:<port>/chat/boot.js is not our script: HTTP 200, packed (br) though nobody asked for it: a cache ignores Vary',
    fix: /static-file route/,
  },
  {
    broken: 'a handler whose words a terminal would obey',
    options: { webchatId: 'a\u001b[31m\n\u202eok' },
    check: 'mount',
    sees: 'FAIL  The mounted handler serves the deployment a?[31m??ok, not c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
    fix: /GENESYS_GUEST_WEBCHAT_ID/,
  },
  {
    broken: 'another deployment than here',
    env: { GENESYS_GUEST_WEBCHAT_ID: 'another' },
    check: 'mount',
    sees: 'FAIL  The mounted handler serves the deployment c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11, not another',
    fix: /GENESYS_GUEST_WEBCHAT_ID/,
  },
  {
    broken: 'a firewall or CSRF middleware that refuses POST',
    proxy: { refuses: (req) => req.method === 'POST' },
    check: 'origins',
    sees: 'FAIL  POST /renew does not reach the handler: HTTP 403',
    fix: /CSRF protection/,
  },
  {
    broken: 'a session middleware of a CDN before /boot.js',
    proxy: { response: (headers) => ({ ...headers, 'set-cookie': 'sid=1; Path=/' }) },
    check: 'boot-script',
    sees: 'FAIL  /boot.js arrives with Set-Cookie, and a shared cache may give it to other visitors',
    fix: /no proxy or CDN add cookies/,
  },
  {
    broken: 'a script optimiser that takes the place of /boot.js',
    proxy: { refuses: (req) => req.url === '/chat/boot.js' },
    check: 'boot-script',
    sees: 'FAIL  http://127.0.0.1:<port>/chat/boot.js is not our script: HTTP 403',
    fix: /static-file route/,
  },
  {
    broken: 'a client that gets no token',
    options: { clientSecret: 'wrong' },
    args: ['--issue'],
    check: 'mount-token',
    sees: 'FAIL  The handler has no token for a visitor, who chats without',
    fix: /site's log/,
  },
];

describe('what stands between the handler and its visitors', () => {
  it.each(BETWEEN)('is told for what it is: $broken', async (set) => {
    const emulator = await platform();
    const backend = await site(emulator, set.options);
    const front = set.proxy ? await proxy(backend, set.proxy) : backend;
    await expectNamed(set, ['--emulator', emulator.url, '--url', `${front}/chat`, ...(set.args ?? [])]);
  });

  it('is told where instances have different secrets', async () => {
    const emulator = await platform();
    const backends = [await site(emulator), await site(emulator, { secrets: ['y'.repeat(40)] })] as const;
    let turn = 0;
    const front = await proxy(backends[0], { to: () => backends[turn++ % 2] as string });
    await expectNamed(
      {
        broken: 'instances with different secrets',
        check: 'caching',
        sees: 'FAIL  The visitor is recognised 2 times out of 4: instances use different secrets',
        fix: /the same GENESYS_GUEST_SECRETS/,
      },
      ['--emulator', emulator.url, '--url', `${front}/chat`],
    );
  });
});
