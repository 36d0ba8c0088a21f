// Plays a visitor's browser at the mounted handler: the headers that it sends, the cookie that it keeps.
import type { OnboardingConfig } from '@genesys-guest/common';
import { parseSetCookie } from 'cookie';
import type { Asked } from './finding.ts';
import { ask, type HttpAnswer, header } from './http.ts';

/** A URL under the mount path. */
export const under = (mount: URL, path: string): URL =>
  new URL(`${mount.origin}${mount.pathname.replace(/\/$/, '')}${path}`);

/** The origin of the pages that call: the site's, where it is another than the mount's. */
export const pageOrigin = ({ site }: Asked, mount: URL): string => (site ?? mount).origin;

export type Speaker = 'modern' | 'old';

/** What a browser sends with a page's call. Browsers before 2023, and pages without TLS, send no `Sec-Fetch-Site`. */
export const browserHeaders = (origin: string, mount: URL, speaker: Speaker): Record<string, string> => ({
  origin,
  ...(speaker === 'modern' && {
    'sec-fetch-site': origin === mount.origin ? 'same-origin' : 'cross-site',
    'sec-fetch-mode': 'cors',
    'sec-fetch-dest': 'empty',
  }),
});

export const postRenew = (
  mount: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> =>
  ask(
    under(mount, '/renew'),
    { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' },
    signal,
  );

/** The answer as a config of ours, `undefined` where it is something else. */
export const configOf = (answer: HttpAnswer): OnboardingConfig | undefined => {
  const value = jsonOf(answer) as Partial<OnboardingConfig> | undefined;
  return answer.status === 200 && typeof value?.webchatId === 'string' && value.messenger
    ? (value as OnboardingConfig)
    : undefined;
};

/** The `code` of a problem of ours. */
export const problemOf = (answer: HttpAnswer): string | undefined => {
  const { code } = (jsonOf(answer) ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
};

const jsonOf = ({ text }: HttpAnswer): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

export type VisitorCookie = ReturnType<typeof parseSetCookie>;

/** Our own among the cookies that an answer sets, whatever its name: known by the form of its value. */
export const visitorCookieOf = ({ cookies }: HttpAnswer): VisitorCookie | undefined =>
  cookies
    .map((line) => parseSetCookie(line, { decode: (value) => value }))
    .find(({ value }) => /^v1\.[\w-]{8}\.[0-9a-z]+\.[\w-]+\.[\w-]{43}$/.test(value ?? ''));

/** What shows that a cache answered in the handler's place: `Age`, or one of the headers in which caches say so. */
export const signsOfCache = (answer: HttpAnswer): string | undefined => {
  if (Number(header(answer, 'age')) > 0) return `Age: ${header(answer, 'age')}`;
  const name = ['x-cache', 'cf-cache-status', 'x-cache-status', 'x-proxy-cache', 'cache-status'].find(
    (each) => /\bhit\b/i.test(header(answer, each)),
  );
  return name && `${name}: ${header(answer, name).slice(0, 60)}`;
};
