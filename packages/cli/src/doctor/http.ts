// One HTTP request on a connection of its own, through HTTPS_PROXY as the server's calls: no redirect followed, bounded in size, ended by the check's signal.
import { EnvHttpProxyAgent, request } from 'undici';

/** A GET, unless it says otherwise or something is sent. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD';
  /** What is `undefined` is not sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
}

/** Bytes of an answer that are read: Messenger's script is under 1 MB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Some firewalls refuse what names no browser. */
const USER_AGENT = 'Mozilla/5.0 (compatible; genesys-guest-doctor)';

/** @throws what the network says, and where the answer is too large */
export const ask = async (
  url: string | URL,
  { form, json, headers, method: given = 'GET' }: HttpRequest,
  signal: AbortSignal,
) => {
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const method = body ? 'POST' : given;
  const sent = body && {
    'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
    accept: 'application/json',
  };
  // A connection for each: behind a balancer the next one may reach another instance.
  const dispatcher = new EnvHttpProxyAgent({ pipelining: 0, maxResponseSize: MAX_BYTES });
  try {
    const answer = await request(url, {
      method,
      headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...sent, ...headers },
      ...(body && { body }),
      signal,
      dispatcher,
    });
    return {
      method,
      status: answer.statusCode,
      headers: answer.headers,
      cookies: [answer.headers['set-cookie'] ?? []].flat(),
      text: await answer.body.text(),
    };
  } finally {
    await dispatcher.destroy();
  }
};

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

export type HttpAnswer = Awaited<ReturnType<typeof ask>>;

/** A header's value as one text, empty where there is none. */
export const header = ({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string =>
  [headers[name] ?? []].flat().join(', ');

/** What stands at this path of the answer's JSON; `undefined` where there is none. It is not to be believed. */
export const field = ({ text }: HttpAnswer, ...path: readonly string[]): unknown => {
  try {
    return path.reduce((value, name) => Object(value)[name], JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
};

/** What came in place of what was wanted: a status, a redirect's target without its query, or a page of HTML. */
export const inShort = (answer: HttpAnswer): string => {
  const { status } = answer;
  const location = header(answer, 'location').replace(/[?#].*$/, '');
  if (status >= 300 && status < 400) return `HTTP ${status} to ${location || 'nowhere'}`;
  const packed = header(answer, 'content-encoding');
  if (packed) return `HTTP ${status}, packed (${packed}) though nobody asked for it: a cache ignores Vary`;
  if (/html/i.test(header(answer, 'content-type'))) return `HTTP ${status} with a page of HTML`;
  return `HTTP ${status}`;
};

/** Whether a shared cache may keep this answer with the cookie in it, and hand that cookie to others (RFC 9111, 3). */
export const sharesCookie = (answer: HttpAnswer): boolean => {
  const control = header(answer, 'cache-control');
  return (
    answer.cookies.length > 0 &&
    /public|s-maxage=[1-9]|max-age=[1-9]/i.test(control) &&
    !/private|no-store/i.test(control)
  );
};
