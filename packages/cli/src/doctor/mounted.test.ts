// Broken set-ups of the site: what stands between the handler and its visitors, and what answers in its place.
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { GenesysGuestOptions } from '../../../server/src/options/options.ts';
import type { Status } from './finding.ts';
import { findingsOf, GOOD_ENV, platform, WEBCHAT } from './testing.ts';
import { listen, type ProxyOptions, proxy, site } from './testing-site.ts';

interface Between {
  readonly broken: string;
  readonly proxy?: ProxyOptions;
  readonly options?: GenesysGuestOptions;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  readonly check: string;
  readonly status?: Status;
  readonly cause: RegExp;
  readonly mend: RegExp;
}

const without =
  (...names: readonly string[]) =>
  (headers: Record<string, string | string[] | undefined>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

const pathOf = (url = '') => url.split('?')[0] ?? '';

const BETWEEN: readonly Between[] = [
  {
    broken: 'a proxy that caches by path and forgets no-store',
    proxy: { cacheBy: (req) => (req.method === 'GET' ? pathOf(req.url) : undefined) },
    check: 'caching',
    cause: /does not come back to the handler, or a cache answers/,
    mend: /Cookie header/,
  },
  {
    broken: 'a proxy that caches by URL',
    proxy: { cacheBy: (req) => (req.method === 'GET' ? req.url : undefined) },
    check: 'caching',
    cause: /A stranger was answered with another visitor's config/,
    mend: /no-store/,
  },
  {
    broken: 'a CDN that says so',
    proxy: { response: (headers) => ({ ...headers, 'x-cache': 'HIT from edge' }) },
    check: 'caching',
    cause: /comes from a cache \(x-cache: HIT from edge\)/,
    mend: /Exempt the mount path/,
  },
  {
    broken: 'a proxy that replaces Cache-Control',
    proxy: { response: (headers) => ({ ...headers, 'cache-control': 'public, max-age=60' }) },
    check: 'caching',
    cause: /Cache-Control: public, max-age=60: something between replaces no-store/,
    mend: /keep Cache-Control/,
  },
  {
    broken: 'a proxy that answers every visitor alike',
    proxy: { cacheBy: (req) => `${req.method}${req.url}${req.headers.origin}` },
    check: 'cookies',
    cause: /Two visitors got the same cookie/,
    mend: /Exempt the mount path/,
  },
  {
    broken: 'a proxy that removes Set-Cookie',
    proxy: { response: without('set-cookie') },
    check: 'cookies',
    cause: /has no Set-Cookie of ours/,
    mend: /proxy_hide_header/,
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
    cause: /set for the path \/chat, not \//,
    mend: /proxy_cookie_path/,
  },
  {
    broken: 'a proxy that drops Cookie',
    proxy: { request: without('cookie') },
    check: 'caching',
    cause: /not recognised by the cookie just set/,
    mend: /pass the Cookie header on/,
  },
  {
    broken: 'a proxy that changes Host, without publicOrigin',
    proxy: { request: (headers) => ({ ...headers, host: 'backend:3000' }) },
    check: 'origins',
    cause: /own pages for strangers where the browser sends no Sec-Fetch-Site.*changes Host/,
    mend: /Set publicOrigin: 'http:\/\/127\.0\.0\.1:\d+'/,
  },
  {
    broken: 'a proxy that removes what says where a call comes from',
    proxy: { request: without('origin', 'sec-fetch-site') },
    check: 'origins',
    cause: /A page of any other site may call/,
    mend: /pass both headers/,
  },
  {
    broken: 'a site of another origin that is not listed',
    args: ['--site', 'http://127.0.0.1:1/'],
    check: 'origins',
    cause: /Pages of http:\/\/127\.0\.0\.1:1 may not call/,
    mend: /allowedOrigins: \['http:\/\/127\.0\.0\.1:1'\]/,
  },
  {
    broken: 'an identify that names everyone alike',
    options: { identify: () => ({ externalId: 'everyone' }) },
    check: 'cookies',
    cause: /are the same guest/,
    mend: /return undefined for who is not signed in/,
  },
  {
    broken: 'an identify that throws for a stranger',
    options: {
      identify: () => {
        throw new TypeError('no session');
      },
    },
    check: 'mount',
    cause: /is not answered by the handler: HTTP 500/,
    mend: /log/,
  },
  {
    broken: 'another deployment than here',
    env: { GENESYS_GUEST_WEBCHAT_ID: 'another' },
    check: 'mount',
    cause: new RegExp(`serves the deployment ${WEBCHAT}, not another`),
    mend: /GENESYS_GUEST_WEBCHAT_ID/,
  },
  {
    broken: 'other cookie keys than here',
    env: { GENESYS_GUEST_SECRETS: 'x'.repeat(40) },
    check: 'cookies',
    status: 'warn',
    cause: /signs its cookies with another secret/,
    mend: /Compare the site's environment/,
  },
  {
    broken: 'a proxy that does not ask for compression and drops ETag',
    proxy: { request: without('accept-encoding'), response: without('etag') },
    check: 'boot-script',
    status: 'warn',
    cause: /arrives uncompressed/,
    mend: /Accept-Encoding/,
  },
  {
    broken: 'a client that gets no token',
    options: { clientSecret: 'wrong' },
    args: ['--issue'],
    check: 'mount-token',
    cause: /has no token for a visitor, who chats without/,
    mend: /site's log/,
  },
];

describe('what stands between the handler and its visitors', () => {
  it.each(BETWEEN)('is told for what it is: $broken', async (set) => {
    const emulator = await platform();
    const backend = await site(emulator, set.options);
    const front = set.proxy ? await proxy(backend, set.proxy) : backend;
    const args = ['--emulator', emulator.url, '--url', `${front}/chat`, ...(set.args ?? [])];
    const { status, findings } = await findingsOf(args, { ...GOOD_ENV, ...set.env });
    const wanted = set.status ?? 'fail';
    const named = findings.find((line) => line.check === set.check && set.cause.test(line.message));
    expect(named ?? findings).toMatchObject({ status: wanted, mend: expect.stringMatching(set.mend) });
    expect(status).toBe(findings.some((line) => line.status === 'fail') ? 1 : 0);
  });

  it('is told where instances have different secrets', async () => {
    const emulator = await platform();
    const backends = [await site(emulator), await site(emulator, { secrets: ['y'.repeat(40)] })] as const;
    let turn = 0;
    const front = await proxy(backends[0], { to: () => backends[turn++ % 2] as string });
    const { findings } = await findingsOf(['--emulator', emulator.url, '--url', `${front}/chat`]);
    expect(findings.find(({ message }) => /times out of/.test(message))).toMatchObject({
      status: 'fail',
      message: 'The visitor is recognised 2 times out of 4: instances use different secrets',
    });
  });

  it.each([
    [404, {}, /HTTP 404/, /mount path/],
    [
      302,
      { location: 'https://login.example/?next=secret' },
      /HTTP 302 to https:\/\/login\.example\/$/,
      /sign-in/,
    ],
    [401, {}, /HTTP 401/, /before what asks for a sign-in/],
    [200, { 'content-type': 'text/html' }, /HTTP 200 with a page of HTML/, /catch-all route/],
  ])('is told where something else answers: %s', async (code, headers, cause, mend) => {
    const emulator = await platform();
    const front = await listen(
      createServer((_, res) => res.writeHead(code, headers as Record<string, string>).end('x')),
    );
    const { status, findings } = await findingsOf(['--emulator', emulator.url, '--url', `${front}/chat`]);
    expect(status).toBe(1);
    expect(findings.find(({ check }) => check === 'mount')).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(cause),
      mend: expect.stringMatching(mend),
    });
    expect(findings.find(({ check }) => check === 'cookies')?.status).toBe('skip');
  });
});
