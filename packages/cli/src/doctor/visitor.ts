// Plays a visitor's browser at the mounted handler: the headers that it sends, the cookie that it keeps.
import type { OnboardingConfig } from '@genesys-guest/common';
import { parseSetCookie } from 'cookie';
import type { Context } from './check.ts';
import { type HttpAnswer, header, jsonOf } from './http.ts';

/** A URL under the mount path. */
export const under = (mount: URL, path: string): URL =>
  new URL(`${mount.origin}${mount.pathname.replace(/\/$/, '')}${path}`);

/** The origin of the pages that call: the site's, where it is another than the mount's. */
export const pageOrigin = ({ site, mount }: Context<'mount'>['facts']): string => (site ?? mount).origin;

/** What a browser sends with a call of a page of this origin. */
export const browserHeaders = (origin: string, mount: URL) => ({
  origin,
  'sec-fetch-site': origin === mount.origin ? 'same-origin' : 'cross-site',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
});

export const postRenew = (
  { ask, facts: { mount } }: Context<'mount'>,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> =>
  ask(under(mount, '/renew'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });

/** The answer as a config of ours, `undefined` where it is something else. */
export const configOf = (answer: HttpAnswer): OnboardingConfig | undefined => {
  const value = jsonOf<OnboardingConfig>(answer);
  return answer.status === 200 && typeof value?.webchatId === 'string' && value.messenger
    ? (value as OnboardingConfig)
    : undefined;
};

/** The `code` of a problem of ours. */
export const problemOf = (answer: HttpAnswer): string | undefined => {
  const code = jsonOf<{ code: unknown }>(answer)?.code;
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
