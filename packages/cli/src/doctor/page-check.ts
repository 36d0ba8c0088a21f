// Checks the page that shows the chat: whether its Content-Security-Policy lets Messenger and our script work.
import { regionHosts } from '@genesys-guest/common';
import { cspDirectives } from '../../../server/src/csp.ts';
import { allows, type Policy, parsePolicies } from './csp-match.ts';
import { check, type Facts, type Finding, fail, found, pass, warn } from './finding.ts';
import { ask, type HttpAnswer, header, inShort } from './http.ts';
import { under } from './visitor.ts';

/** Redirects of a page that are followed, as from / to /en/. */
const REDIRECTS = 5;

export const page = check({
  name: 'page',
  title: "the page's Content-Security-Policy",
  group: 'Page',
  needs: ['region', 'endpoints', 'siteReached'],
  when: ({ site }) => site !== undefined,
  run: async ({ asked, signal }, { region, endpoints }) => {
    let url = asked.site as URL;
    let answer = await ask(url, { headers: HTML }, signal);
    for (let hop = 0; hop < REDIRECTS && isRedirect(answer); hop += 1) {
      url = new URL(header(answer, 'location'), url);
      answer = await ask(url, { headers: HTML }, signal);
    }
    if (answer.status !== 200) {
      return found(
        warn(
          `The page ${url.origin}${url.pathname} cannot be read: ${inShort(answer)}`,
          'Give --site the URL of a page with the chat that anyone may see.',
        ),
      );
    }
    const policies = policiesOf(answer);
    if (policies.length === 0)
      return found(pass('The page has no Content-Security-Policy: nothing is blocked'));
    return found(
      ...policyFindings(policies, needsOf({ region, endpoints }, asked.mount), url, region.aws),
      ...trustedTypes(policies, endpoints.bootstrap),
    );
  },
});

const HTML = { accept: 'text/html', 'accept-encoding': 'identity' };

const isRedirect = (answer: HttpAnswer): boolean =>
  [301, 302, 303, 307, 308].includes(answer.status) && header(answer, 'location') !== '';

const policiesOf = (answer: HttpAnswer): Policy[] => [
  ...parsePolicies(header(answer, 'content-security-policy')),
  ...[...answer.text.matchAll(/<meta\s[^>]*http-equiv=["']?content-security-policy["']?[^>]*>/gi)].flatMap(
    ([tag]) => parsePolicies(/content=(?:"([^"]*)"|'([^']*)')/i.exec(tag)?.slice(1).join('') ?? ''),
  ),
];

interface Need {
  readonly directive: string;
  /** As it would be written in the policy. */
  readonly source: string;
  /** A request that it is for. */
  readonly url: string;
  /** Without it there is no chat; without the others a part of it may fail. */
  readonly vital: boolean;
}

const needsOf = (
  { region, endpoints }: Required<Pick<Facts, 'region' | 'endpoints'>>,
  mount: URL | undefined,
): Need[] => {
  const regional = endpoints.bootstrap === regionHosts(region).bootstrap;
  const own = new URL(endpoints.bootstrap).origin;
  const vital = (directive: string, url: string): Need => ({
    directive,
    source: new URL(url).origin,
    url,
    vital: true,
  });
  const listed = Object.entries(cspDirectives({ region: region.aws, endpoints })).flatMap(
    ([directive, sources]) =>
      sources
        .filter((source) => source.includes('://') && (regional || source === own))
        .map((source) => ({ directive, source, url: source.replace('*', 'any'), vital: false })),
  );
  return [
    vital('script-src', endpoints.bootstrap),
    vital('connect-src', `${endpoints.deployments}/`),
    ...(regional
      ? [
          vital('connect-src', `wss://webmessaging.${region.domain}/v1`),
          vital('frame-src', `https://apps.${region.domain}/`),
        ]
      : []),
    ...(mount
      ? [
          vital('script-src', under(mount, '/boot.js').href),
          vital('connect-src', under(mount, '/config').href),
        ]
      : []),
    ...listed,
  ];
};

const policyFindings = (
  policies: readonly Policy[],
  needs: readonly Need[],
  page: URL,
  region: string,
): Finding[] => {
  const blocked = needs.filter(
    ({ directive, url }) => !policies.every((policy) => allows(policy, directive, url, page.origin)),
  );
  if (blocked.length === 0) return [pass("The page's Content-Security-Policy lets Messenger work")];
  const vital = blocked.filter((need) => need.vital);
  const mend = `Add what cspDirectives({ region: '${region}' }) gives: ${listOf(blocked)}.`;
  return vital.length > 0
    ? [fail(`The page's Content-Security-Policy blocks Messenger: ${listOf(vital)}`, mend)]
    : [warn("The page's Content-Security-Policy leaves out a part of what Messenger may need", mend)];
};

/** By directive, as a policy has it. */
const listOf = (needs: readonly Need[]): string => {
  const byDirective = new Map<string, Set<string>>();
  for (const { directive, source } of needs) {
    byDirective.set(directive, (byDirective.get(directive) ?? new Set()).add(source));
  }
  return [...byDirective].map(([name, sources]) => `${name} ${[...sources].join(' ')}`).join('; ');
};

const trustedTypes = (policies: readonly Policy[], bootstrap: string): Finding[] =>
  policies.some((policy) => policy.has('require-trusted-types-for'))
    ? [
        warn(
          "The page requires Trusted Types, and Messenger's own script assigns URLs as plain text",
          `Give the page a default policy (trustedTypes.createPolicy('default', …)) that lets script URLs under ${new URL(bootstrap).origin}/ pass.`,
        ),
      ]
    : [];
