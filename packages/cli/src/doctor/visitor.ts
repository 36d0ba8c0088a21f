// Plays a visitor's browser at the mounted handler: the headers that it sends, the cookie that it keeps.
import type { OnboardingConfig } from '@genesys-guest/common';
import { parseSetCookie } from 'cookie';
import { field, type HttpAnswer, type HttpRequest, header } from './http.ts';
import type { Known, Run } from './runner.ts';

/** A URL under the mount path. */
export const under = (mount: URL, path: string): URL =>
  new URL(`${mount.origin}${mount.pathname.replace(/\/$/, '')}${path}`);

/** The origin of the pages that call: the site's, where it is another than the mount's. */
export const pageOrigin = ({ site, mount }: Known<'mount'>): string => (site ?? mount).origin;

/** Calls the handler as a browser does from a page of the site. @param headers what differs */
export const post = (
  { ask, need }: Run,
  path: '/renew' | '/forget',
  headers: HttpRequest['headers'] = {},
): Promise<HttpAnswer> => {
  const facts = need('mount');
  const origin = pageOrigin(facts);
  return ask(under(facts.mount, path), {
    headers: {
      origin,
      'sec-fetch-site': origin === facts.mount.origin ? 'same-origin' : 'cross-site',
      ...headers,
    },
    json: {},
  });
};

/** The answer as a config of ours, `undefined` where it is something else. */
export const configOf = (answer: HttpAnswer): OnboardingConfig | undefined => {
  const ours = typeof field(answer, 'webchatId') === 'string' && field(answer, 'messenger');
  return answer.status === 200 && ours ? (field(answer) as OnboardingConfig) : undefined;
};

/** The `code` of a problem of ours. */
export const problemOf = (answer: HttpAnswer): string | undefined => {
  const code = field(answer, 'code');
  return typeof code === 'string' ? code : undefined;
};

export type VisitorCookie = ReturnType<typeof parseSetCookie>;

/** Our own among the cookies that an answer sets: known by its usual name, else by the form of its value. */
export const visitorCookieOf = ({ cookies }: HttpAnswer): VisitorCookie | undefined => {
  const all = cookies.map((line) => parseSetCookie(line, { decode: (value) => value }));
  return (
    all.find(({ name, value }) => name.includes('genesys-guest') && value) ??
    all.find(({ value = '' }) => /^v\d+\.[\w.-]{60,}$/.test(value))
  );
};

/** What shows that a cache answered in the handler's place: `Age`, or one of the headers in which caches say so. */
export const signsOfCache = (answer: HttpAnswer): string | undefined => {
  if (Number(header(answer, 'age')) > 0) return `Age: ${header(answer, 'age')}`;
  const name = ['x-cache', 'cf-cache-status', 'x-cache-status', 'x-proxy-cache', 'cache-status'].find(
    (each) => /\bhit\b/i.test(header(answer, each)),
  );
  return name && `${name}: ${header(answer, name).slice(0, 60)}`;
};
