// Checks the page that shows the chat: whether our tag is there, and whether the page's policy (CSP) lets Messenger work.
import { regionHosts } from '@genesys-guest/common';
import { type Finding, fail, type Platform, pass, warn } from './check.ts';
import { allows, hasNonce, type Policy, parsePolicies } from './csp.ts';
import { header, inShort, sharesCookie } from './http.ts';
import { isBootScript } from './mount-check.ts';
import { readPage, type Tag } from './page.ts';
import type { Run } from './runner.ts';
import { under } from './visitor.ts';

export const page = async ({ ask, need }: Run) => {
  const { site: url, mount, platform } = need('site');
  const answer = await ask(url, { headers: { accept: 'text/html' } });
  if (answer.status !== 200) {
    const what = `The page ${url.origin}${url.pathname} cannot be read: ${inShort(answer)}`;
    return warn(what, 'Give --site the final URL of a page with the chat that anyone may see.');
  }
  const { tag, unseen, policies, snippet } = readPage(answer.text, url.href);
  const wanted = wantedSrc(mount, url);
  return [
    tag ? await tagFinding(tag, wanted, mount, ask) : absent(unseen, wanted),
    snippet && SNIPPET,
    sharesCookie(answer) && SHARED_COOKIE,
    ...policyFindings(
      [header(answer, 'content-security-policy'), ...policies].flatMap(parsePolicies),
      needsOf(platform, tag?.src ?? (mount && under(mount, '/boot.js'))),
      url,
      tag,
    ),
  ];
};

const tagText = (src: string): string => `<script src="${src}" async></script>`;

/** As the page would write it: without the origin where that is the page's own. */
const wantedSrc = (mount: URL | undefined, page: URL): string => {
  const boot = mount && under(mount, '/boot.js');
  if (!boot) return '/chat/boot.js';
  return boot.origin === page.origin ? boot.pathname : boot.href;
};

const absent = (unseen: readonly string[], src: string): Finding => {
  if (unseen.length === 0) {
    return fail(
      'The page has no tag of ours: nothing starts the chat',
      `Add ${tagText(src)}, or give --site a page with the chat.`,
    );
  }
  return warn(
    `The page as it is served has no tag of ours; what ${unseen.join(' and ')} may add later, this command cannot see`,
    `Open the page and look for ${src} among its requests; a bundle calls boot() of @genesys-guest/browser instead.`,
  );
};

const tagFinding = async (
  { src, endpoint, waits }: Tag,
  wanted: string,
  mount: URL | undefined,
  ask: Run['ask'],
): Promise<Finding> => {
  const shown = `${src.origin}${src.pathname}`;
  if (mount && endpoint && endpoint.href.replace(/\/?$/, '/') !== under(mount, '/').href) {
    const what = `The page's tag sends visitors to ${endpoint.href} (data-endpoint), and the handler is at ${mount.href}`;
    return fail(what, 'Correct data-endpoint, or leave it out: the script knows where it came from.');
  }
  if (mount && !endpoint && shown !== under(mount, '/boot.js').href) {
    const what = `The page loads ${shown}, and the handler is mounted at ${mount.href}`;
    return fail(what, `Write ${tagText(wanted)}.`);
  }
  const answer = await ask(src);
  if (!isBootScript(answer)) {
    const what = `The page's tag loads ${shown}, which is not our script: ${inShort(answer)}`;
    return fail(what, 'Write the mount path before /boot.js, as in /chat/boot.js.');
  }
  return waits
    ? pass(`The page has our tag (${src.pathname}), which waits for consent`)
    : pass(`The page has our tag (${src.pathname})`);
};

const SNIPPET = warn(
  "The page also has the deployment's own snippet, which boots Messenger a second time",
  'Take the snippet out: our tag boots Messenger.',
);

const SHARED_COOKIE = fail(
  'The page arrives with Set-Cookie, and a shared cache may give it to other visitors',
  'Send pages that set cookies with Cache-Control: private or no-store.',
);

/** A directive, and a request without which there is no chat. */
type Need = readonly [directive: string, url: string];

const needsOf = (platform: Platform | undefined, boot: URL | undefined): Need[] => {
  const needs: Need[] = [];
  if (boot) needs.push(['script-src', boot.href], ['connect-src', boot.href]);
  if (!platform) return needs;
  const { region, endpoints } = platform;
  needs.push(['script-src', endpoints.bootstrap], ['connect-src', `${endpoints.deployments}/`]);
  if (endpoints.bootstrap !== regionHosts(region).bootstrap) return needs;
  needs.push(['connect-src', `wss://webmessaging.${region.domain}/v1`]);
  needs.push(['frame-src', `https://apps.${region.domain}/`]);
  return needs;
};

const policyFindings = (
  policies: readonly Policy[],
  needs: readonly Need[],
  { origin }: URL,
  tag: Tag | undefined,
): Finding[] => {
  if (policies.length === 0) return [pass('The page has no Content-Security-Policy: nothing is blocked')];
  // A tag that cannot be seen is taken to be right.
  const from = { origin, nonce: tag && (tag.nonce ?? '') };
  const refuses = (policy: Policy): boolean =>
    tag !== undefined && hasNonce(policy) && !allows(policy, 'script-src', tag.src.href, from);
  if (policies.some(refuses)) return [nonceFinding(tag?.nonce)];
  const blocked = needs.filter(
    ([directive, url]) => !policies.every((policy) => allows(policy, directive, url, from)),
  );
  const missing = [...new Set(blocked.map(([directive, url]) => `${directive} ${new URL(url).origin}`))];
  return [
    missing.length === 0
      ? pass("The page's Content-Security-Policy lets Messenger work")
      : fail(
          `The page's Content-Security-Policy blocks Messenger: ${missing.join('; ')}`,
          'Add what cspDirectives({ region }) of @genesys-guest/server gives.',
        ),
    ...(policies.some((policy) => policy.has('require-trusted-types-for')) ? [TRUSTED_TYPES] : []),
  ];
};

/** @param nonce of our tag */
const nonceFinding = (nonce: string | undefined): Finding =>
  fail(
    nonce
      ? "Our tag has another nonce than the page's policy: browsers do not load it"
      : "The page's policy wants a nonce, and our tag has none: browsers do not load it",
    'Give the tag the nonce of the policy in the same answer: <script nonce="…" src="…" async>.',
  );

const TRUSTED_TYPES = warn(
  "The page requires Trusted Types, and Messenger's own script assigns URLs as plain text",
  "Give the page a default policy (trustedTypes.createPolicy('default', …)) that lets script URLs of Messenger's host pass.",
);
