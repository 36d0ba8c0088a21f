// Checks what the mounted handler is to its visitors: a cookie for each, nobody's answer for another, a token.
import type { OnboardingConfig } from '@genesys-guest/common';
import { keyId } from '../../../server/src/lib/derive-key.ts';
import { sleep } from '../../../server/src/lib/timers.ts';
import { type Context, check, type Finding, fail, found, pass, warn } from './finding.ts';
import { ask, type HttpAnswer, header } from './http.ts';
import {
  browserHeaders,
  configOf,
  pageOrigin,
  postRenew,
  problemOf,
  signsOfCache,
  under,
  type VisitorCookie,
  visitorCookieOf,
} from './visitor.ts';
import { inWords } from './words.ts';

const GROUP = 'Mounted handler';
const hasMount = ({ mount }: Context['asked']): boolean => mount !== undefined;

const EXEMPT =
  'Exempt the mount path (all but /boot.js) from the cache of the CDN or proxy, and let it respect Cache-Control: no-store and Vary.';

export const cookies = check({
  name: 'cookies',
  title: 'the visitor cookie',
  group: GROUP,
  needs: ['mounted', 'mountOpen'],
  when: hasMount,
  run: async ({ asked, signal }, { mounted, secrets }) => {
    const mount = asked.mount as URL;
    const headers = browserHeaders(pageOrigin(asked, mount), mount, 'modern');
    const [first, second] = [
      await postRenew(mount, headers, signal),
      await postRenew(mount, headers, signal),
    ];
    const [one, other] = [visitorCookieOf(first), visitorCookieOf(second)];
    const [config] = [configOf(first)];
    if (!one) return found(withoutCookie(config, configOf(second), mounted));
    if (one.value === other?.value) {
      return found(fail('Two visitors got the same cookie: a cache answers for the handler', EXEMPT));
    }
    const findings = [...attributeFaults(one, mount), ...keyFinding(one, secrets)];
    return {
      findings:
        findings.length > 0 ? findings : [pass(`Each visitor gets a cookie of their own (${one.name})`)],
      facts: { visitor: `${one.name}=${one.value}` },
    };
  },
});

const withoutCookie = (
  first: OnboardingConfig | undefined,
  second: OnboardingConfig | undefined,
  mounted: OnboardingConfig,
): Finding => {
  if (first?.externalId !== undefined && first.externalId === second?.externalId) {
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

const attributeFaults = (cookie: VisitorCookie, { protocol, hostname }: URL): Finding[] => {
  const secureSite = protocol === 'https:';
  const { name, secure, httpOnly, path, domain, sameSite } = cookie;
  const rewritten =
    'Let the proxy pass Set-Cookie as it is (nginx: no proxy_cookie_path, _domain or _flags).';
  const faults: (Finding | false)[] = [
    secureSite &&
      !secure &&
      fail(
        'The visitor cookie has no Secure attribute on an https site',
        'Run the site with NODE_ENV=production; if it is, a proxy has removed it. Do not set cookie.secure to false.',
      ),
    !secureSite &&
      secure === true &&
      !/^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(hostname) &&
      fail(
        'The visitor cookie is Secure and the site is plain http: browsers drop it',
        'Serve the site by https, and give --url with https.',
      ),
    !httpOnly && fail('The visitor cookie has lost its HttpOnly attribute', rewritten),
    !sameSite && fail('The visitor cookie has lost its SameSite attribute', rewritten),
    path !== '/' &&
      fail(`The visitor cookie is set for the path ${path ?? 'of the request'}, not /`, rewritten),
    name.startsWith('__Host-') &&
      domain !== undefined &&
      fail('A domain was added to a __Host- cookie: browsers drop it', rewritten),
  ];
  return faults.filter((fault) => fault !== false);
};

/** Each cookie names the key that signed it, so that a set-up with other keys shows. */
const keyFinding = ({ value = '' }: VisitorCookie, secrets: readonly string[] | undefined): Finding[] => {
  const [, signer] = value.split('.');
  if (!secrets || secrets.some((secret) => keyId(secret, 'visitor-cookie') === signer)) return [];
  return [
    warn(
      'The site signs its cookies with another secret than those in GENESYS_GUEST_SECRETS here',
      "Compare the site's environment with this one; secrets made at random at start end with the process.",
    ),
  ];
};

/** Questions of one visitor, each on a new connection: a balancer sends them to several instances. */
const QUESTIONS = 4;

export const caching = check({
  name: 'caching',
  title: 'caching and instances',
  group: GROUP,
  needs: ['mounted', 'visitor'],
  when: hasMount,
  run: async ({ asked, signal, now }, { visitor }) => {
    const mount = asked.mount as URL;
    // A URL of this visit alone, so that a cache which knows the plain one does not hide who is recognised.
    const url = new URL(`${under(mount, '/config').href}?doctor=${now().toString(36)}`);
    const own: HttpAnswer[] = [];
    for (let asking = 0; asking < QUESTIONS; asking += 1) {
      own.push(await ask(url, { headers: { cookie: visitor } }, signal));
    }
    const stranger = await ask(url, {}, signal);
    const plain = await ask(under(mount, '/config'), {}, signal);
    return found(...cacheFaults(own, stranger, plain), instanceFinding(own));
  },
});

const cacheFaults = (own: readonly HttpAnswer[], stranger: HttpAnswer, plain: HttpAnswer): Finding[] => {
  const seen = new Set(own.map((answer) => configOf(answer)?.externalId));
  const leaked = configOf(stranger)?.externalId;
  if (leaked !== undefined && seen.has(leaked)) {
    return [
      fail("A stranger was answered with another visitor's config: a cache keeps what is private", EXEMPT),
    ];
  }
  const sign = [...own, stranger, plain].map(signsOfCache).find((each) => each !== undefined);
  if (sign) return [fail(`GET /config comes from a cache (${sign}), which keeps what is private`, EXEMPT)];
  const lax = [plain, stranger].find((answer) => !/no-store/i.test(header(answer, 'cache-control')));
  if (lax) {
    const control = header(lax, 'cache-control');
    return [
      fail(
        `GET /config arrives with ${control ? `Cache-Control: ${control}` : 'no Cache-Control'}: something between replaces no-store`,
        "Let proxy, CDN and the site's own middleware keep Cache-Control under the mount path.",
      ),
    ];
  }
  return [pass('Nothing between caches what is private')];
};

const instanceFinding = (own: readonly HttpAnswer[]): Finding => {
  const known = own.filter((answer) => configOf(answer)?.externalId !== undefined).length;
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

/** How often a page's second question is asked, and after how many seconds at most. */
const REPEATS = 2;
const SOON = 5;

const isSoon = (config: OnboardingConfig | undefined): boolean =>
  config !== undefined && config.guestToken === undefined && (config.renewIn ?? SOON + 1) <= SOON;

export const mountToken = check({
  name: 'mount-token',
  title: 'a token from the mounted handler',
  group: GROUP,
  needs: ['mounted', 'mountOpen', 'visitor'],
  when: (asked) => hasMount(asked) && asked.issue,
  run: async ({ asked, signal }, { visitor }) => {
    const mount = asked.mount as URL;
    const headers = { ...browserHeaders(pageOrigin(asked, mount), mount, 'modern'), cookie: visitor };
    let answer = await postRenew(mount, headers, signal);
    // A slow platform outlasts the handler's patience: the page is told to ask again, and so do we.
    for (let again = 0; again < REPEATS && isSoon(configOf(answer)); again += 1) {
      await sleep((configOf(answer)?.renewIn ?? 0) * 1_000, signal);
      answer = await postRenew(mount, headers, signal);
    }
    const config = configOf(answer);
    await ask(under(mount, '/forget'), { method: 'POST', headers }, signal);
    if (config?.guestToken) {
      return found(
        pass(
          `The handler gives a visitor a token, good for ${inWords(config.expiresIn ?? 0)}, in ${answer.ms} ms`,
        ),
      );
    }
    if (config) {
      return found(
        fail(
          `The handler has no token for a visitor, who chats without; it asks again in ${config.renewIn} s`,
          "The site's log says why; if the OAuth client is good here, compare the site's environment with this one.",
        ),
      );
    }
    return found(
      fail(
        `The handler refuses a visitor a token (HTTP ${answer.status}, ${problemOf(answer) ?? 'not ours'})`,
        "The site's log says why.",
      ),
    );
  },
});
