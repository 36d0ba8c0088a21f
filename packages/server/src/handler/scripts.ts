// Serves the browser's scripts, compressed once at start; `boot.js` with this mount's public settings.
import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { MessengerSettings } from '@genesys-guest/common';
import type { Answer, Headers } from '../lib/answers.ts';
import type { HttpRequest } from './ports.ts';

const HEADERS: Headers = {
  // Five minutes, so that a new release or deployment id reaches pages soon; a day while the new one is fetched behind.
  'Cache-Control': 'public, max-age=300, stale-while-revalidate=86400',
  'X-Content-Type-Options': 'nosniff',
  // Helmet's default is same-origin, with which a page of an allowed origin could not load it.
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

export type Script = (request: HttpRequest) => Answer;

/** The browser's scripts by name: `boot.js`, and those that it loads where a page needs them. */
export type ScriptTexts = Readonly<Record<string, string>>;

/**
 * Each script by its path below the mount.
 * @param varyByOrigin whether any other origin is allowed, so that answers differ by it
 */
export const createScripts = (
  texts: ScriptTexts,
  messenger: MessengerSettings,
  varyByOrigin: boolean,
): ReadonlyMap<string, Script> => {
  const settings = `self.GenesysGuestMount=${safeJson(messenger)};\n`;
  const scriptOf = (name: string, text: string): Script =>
    createScript(name === 'boot.js' ? settings + text : text, varyByOrigin);
  return new Map(Object.entries(texts).map(([name, text]) => [`/${name}`, scriptOf(name, text)]));
};

const createScript = (text: string, varyByOrigin: boolean): Script => {
  const source = Buffer.from(text);
  const vary = varyByOrigin ? 'Accept-Encoding, Origin' : 'Accept-Encoding';
  const variants = {
    br: variant(brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }), 'br'),
    gzip: variant(gzipSync(source, { level: 9 }), 'gzip'),
    identity: variant(source),
  };
  return (request) => {
    const { body, etag, content } = variants[bestEncoding(request.headers['accept-encoding'])];
    const headers = { ...HEADERS, ETag: etag, Vary: vary };
    return isKnown(request.headers['if-none-match'] ?? '', etag)
      ? { status: 304, headers, shared: true }
      : { status: 200, headers: { ...content, ...headers }, body, shared: true };
  };
};

const variant = (body: Buffer, encoding?: string) => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  content: {
    'Content-Type': 'text/javascript; charset=utf-8',
    ...(encoding && { 'Content-Encoding': encoding }),
  },
});

/** JSON that stays a script wherever it is put: `<` could end an inline one. */
const safeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** The smallest that the browser takes (RFC 9110, 12.5.3); whoever refuses all of them gets the plain one. */
const bestEncoding = (header: string | string[] | undefined): 'br' | 'gzip' | 'identity' => {
  const text = String(header ?? '').toLowerCase();
  const accepted = new Map<string, number>();
  for (const [, coding = '', quality = '1'] of text.matchAll(/([\w*-]+)\s*(?:;\s*q=([^,\s]*))?/g)) {
    accepted.set(coding, Number(quality) || 0);
  }
  const takes = (coding: string): boolean => (accepted.get(coding) ?? accepted.get('*') ?? 0) > 0;
  return (['br', 'gzip'] as const).find(takes) ?? 'identity';
};

/** Weak comparison, as RFC 9110, 13.1.2 asks: a CDN that recompresses makes our tags weak. */
const isKnown = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
