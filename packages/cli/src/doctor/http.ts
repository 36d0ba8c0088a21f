// One HTTP request on a connection of its own: no redirect followed, bounded in size, ended by the check's signal.
import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: readonly string[];
  readonly text: string;
  readonly ms: number;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Bytes of an answer that are read: Messenger's script is under 1 MB. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Some firewalls refuse what names no browser. */
const USER_AGENT = 'Mozilla/5.0 (compatible; genesys-guest-doctor)';

/** @throws what the network says, or an error with the code `TOO_LARGE` */
export const ask = async (
  url: string | URL,
  { method = 'GET', headers = {}, body }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> => {
  // A connection for each: behind a balancer the next one may reach another instance.
  const dispatcher = new Agent({ pipelining: 0 });
  const startedAt = performance.now();
  try {
    const answer = await request(url, {
      method,
      headers: { 'user-agent': USER_AGENT, ...headers },
      ...(body !== undefined && { body }),
      signal,
      dispatcher,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw Object.assign(new Error('too large'), { code: 'TOO_LARGE' });
      chunks.push(chunk);
    }
    return {
      status: answer.statusCode,
      headers: answer.headers,
      cookies: [answer.headers['set-cookie'] ?? []].flat(),
      text: decoded(Buffer.concat(chunks), answer.headers['content-encoding']),
      ms: Math.round(performance.now() - startedAt),
    };
  } finally {
    await dispatcher.destroy();
  }
};

const decoded = (bytes: Buffer, encoding: string | string[] | undefined): string => {
  try {
    if (encoding === 'br') return brotliDecompressSync(bytes).toString('utf8');
    if (encoding === 'gzip') return gunzipSync(bytes).toString('utf8');
  } catch {
    return '';
  }
  return bytes.toString('utf8');
};

/** A header's value as one text, empty where there is none. */
export const header = ({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string =>
  [headers[name] ?? []].flat().join(', ');

/** What came in place of what was wanted, for a message: a status, a redirect's target, or a page of HTML. */
export const inShort = (answer: HttpAnswer): string => {
  const { status } = answer;
  if (status >= 300 && status < 400) return `HTTP ${status} to ${pathOnly(header(answer, 'location'))}`;
  if (/html/i.test(header(answer, 'content-type'))) return `HTTP ${status} with a page of HTML`;
  return `HTTP ${status}`;
};

/** Queries may carry what nobody should print. */
const pathOnly = (location: string): string => location.replace(/[?#].*$/, '') || 'nowhere';
