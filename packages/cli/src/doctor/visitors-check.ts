// Checks what the mounted handler is to its visitors: a cookie for each, nobody's answer for another, a token.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnboardingConfig } from '@genesys-guest/common';
import { duration, elsePass, type Finding, fail, pass, warn } from './check.ts';
import { type HttpAnswer, header } from './http.ts';
import type { Run } from './runner.ts';
import {
  configOf,
  post,
  problemOf,
  signsOfCache,
  under,
  type VisitorCookie,
  visitorCookieOf,
} from './visitor.ts';

const EXEMPT =
  'Exempt the mount path (all but /boot.js) from the cache of the CDN or proxy, and let it respect Cache-Control: no-store and Vary.';

export const cookies = async (run: Run) => {
  const { mount, mounted, opened } = run.need('mount', 'mounted', 'opened');
  const answers = [opened, await post(run, '/renew')];
  const [one, other] = answers.map(visitorCookieOf);
  if (!one) return withoutCookie(answers.map(idOf), mounted);
  if (one.value === other?.value)
    return fail('Two visitors got the same cookie: a cache answers for the handler', EXEMPT);
  run.learn({ visitor: `${one.name}=${one.value}` });
  return elsePass(attributeFindings(one, mount), `Each visitor gets a cookie of their own (${one.name})`);
};

/** Whom the handler takes the visitor for. */
const idOf = (answer: HttpAnswer): string | undefined => configOf(answer)?.externalId;

const withoutCookie = ([first, second]: readonly (string | undefined)[], mounted: OnboardingConfig) => {
  if (first !== undefined && first === second) {
    return fail(
      'Two visitors without a session are the same guest: identify(req) names everyone alike, or a cache answers',
      'Let identify(req) return undefined for who is not signed in.',
    );
  }
  if (mounted.renewIn === undefined)
    return pass('The handler uses Messenger alone, without tokens and cookies');
  return fail(
    'The visitor cookie does not arrive: the answer to POST /renew has no Set-Cookie of ours',
    'Let the CDN or proxy pass Set-Cookie on under the mount path (nginx: look for proxy_hide_header and proxy_ignore_headers).',
  );
};

const attributeFindings = (cookie: VisitorCookie, { protocol, hostname }: URL) => {
  const { name, secure, httpOnly, path, domain, sameSite } = cookie;
  const isLocal = /^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(hostname);
  const changes = [
    !httpOnly && 'it has no HttpOnly',
    !sameSite && 'it has no SameSite',
    path !== '/' && `its path is ${path ?? "the request's"}, not /`,
    name.startsWith('__Host-') && domain !== undefined && 'it has a Domain, so that browsers drop it',
  ].filter((change) => change !== false);
  return [
    protocol === 'https:' &&
      !secure &&
      fail(
        'The visitor cookie has no Secure attribute on an https site',
        'Run the site with NODE_ENV=production; if it is, a proxy has removed it. Do not set cookie.secure to false.',
      ),
    protocol === 'http:' &&
      secure === true &&
      !isLocal &&
      fail(
        'The visitor cookie is Secure and the site is plain http: browsers drop it (cookie_blocked)',
        'Serve the site by https, and give --url with https.',
      ),
    changes.length > 0 &&
      fail(
        `The visitor cookie is changed on the way: ${changes.join(', ')}`,
        'Let the proxy pass Set-Cookie as it is (nginx: no proxy_cookie_path, _domain or _flags).',
      ),
  ];
};

/** Four questions of one visitor, each on a new connection: a balancer sends them to several instances. */
const askAgain = async (ask: Run['ask'], url: URL, cookie: string): Promise<HttpAnswer[]> => {
  const answers: HttpAnswer[] = [];
  while (answers.length < 4) answers.push(await ask(url, { headers: { cookie } }));
  return answers;
};

export const caching = async ({ ask, need }: Run) => {
  const { mount, visitor } = need('mount', 'mounted', 'visitor');
  const config = under(mount, '/config');
  // A URL of this visit alone, so that a cache which knows the plain one does not hide who is recognised.
  const url = new URL(`${config.href}?doctor=${Date.now().toString(36)}`);
  const own = await askAgain(ask, url, visitor);
  return [cacheFinding(own, await ask(url), await ask(config)), instanceFinding(own)];
};

const cacheFinding = (own: readonly HttpAnswer[], stranger: HttpAnswer, plain: HttpAnswer): Finding => {
  const leaked = idOf(stranger);
  if (leaked !== undefined && own.map(idOf).includes(leaked))
    return fail(
      "A stranger was answered with another visitor's config: a cache keeps what is private",
      EXEMPT,
    );
  const sign = [...own, stranger, plain].map(signsOfCache).find((each) => each !== undefined);
  if (sign) return fail(`GET /config comes from a cache (${sign}), which keeps what is private`, EXEMPT);
  const lax = [plain, stranger]
    .map((answer) => header(answer, 'cache-control'))
    .find((control) => !/no-store/i.test(control));
  if (lax === undefined) return pass('Nothing between caches what is private');
  return fail(
    `GET /config arrives with ${lax ? `Cache-Control: ${lax}` : 'no Cache-Control'}: something between replaces no-store`,
    "Let proxy, CDN and the site's own middleware keep Cache-Control under the mount path.",
  );
};

const instanceFinding = (own: readonly HttpAnswer[]): Finding => {
  const known = own.filter((answer) => idOf(answer) !== undefined).length;
  if (known === own.length) return pass('The visitor is recognised each time');
  if (known > 0) {
    return fail(
      `The visitor is recognised ${known} times out of ${own.length}: instances use different secrets`,
      'Give every instance the same GENESYS_GUEST_SECRETS.',
    );
  }
  return fail(
    'The visitor is not recognised by the cookie just set: it does not come back to the handler, or a cache answers',
    'Let the proxy pass the Cookie header on, and give every instance the same GENESYS_GUEST_SECRETS.',
  );
};

const NOT_SHARED = warn(
  'Instances do not share tokens: each issues its own, and counts its own calls',
  'Give every instance the same store: redisStore({ url }) of @genesys-guest/server/redis. Without it members cannot sign in, either.',
);

/** How often a page's second question is asked, and after how many seconds at most. */
const REPEATS = 2;
const SOON = 5;

const isSoon = (config: OnboardingConfig | undefined): boolean =>
  config !== undefined && config.guestToken === undefined && (config.renewIn ?? SOON + 1) <= SOON;

export const mountToken = async (run: Run) => {
  const { mount, visitor } = run.need('mount', 'issue', 'mounted', 'opened', 'visitor');
  const { ask, signal } = run;
  let answer = await post(run, '/renew', { cookie: visitor });
  // A slow platform outlasts the handler's wait: the page is told to ask again, and so do we.
  for (let again = 0; again < REPEATS && isSoon(configOf(answer)); again += 1) {
    await sleep((configOf(answer)?.renewIn ?? 0) * 1_000, undefined, { signal });
    answer = await post(run, '/renew', { cookie: visitor });
  }
  const config = configOf(answer);
  const elsewhere = config?.guestToken ? await askAgain(ask, under(mount, '/config'), visitor) : [];
  await post(run, '/forget', { cookie: visitor });
  if (config?.guestToken) {
    const life = duration(config.expiresIn ?? 0);
    const had = pass(`The handler gives a visitor a token, good for ${life}`);
    return [had, elsewhere.some((one) => configOf(one)?.guestToken !== config.guestToken) && NOT_SHARED];
  }
  return fail(
    config
      ? 'The handler has no token for a visitor, who chats without'
      : `The handler refuses a visitor a token (HTTP ${answer.status}, ${problemOf(answer) ?? 'not ours'})`,
    "The site's log says why; if the OAuth client is good here, compare the site's environment with this one.",
  );
};
