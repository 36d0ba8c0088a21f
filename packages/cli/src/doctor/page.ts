// Reads a page's HTML as a browser does before it runs anything: our tag, policies, and what may add the tag later.
import { DomUtils, parseDocument } from 'htmlparser2';

/** What loads other scripts, by what is in its type and URL, or in the snippet that loads it. */
const LOADERS: readonly (readonly [RegExp, string])[] = [
  [/googletagmanager\.com\/gtm/, 'Google Tag Manager'],
  [/tiqcdn\.com|\butag\.js/, 'Tealium'],
  [/adobedtm\.com/, 'Adobe Tags'],
  [/onetrust|cookielaw\.org|cookiebot|usercentrics|didomi/i, 'a consent manager'],
  [
    /^module http|\/_next\/|\/_nuxt\/|\/_astro\/|[.-](?=\w*\d)[\w-]{8,}\.m?js$|(bundle|main|app)\.m?js$/,
    'a bundle',
  ],
];

const resolve = (url: string | undefined, base: string): URL | undefined =>
  url !== undefined && URL.canParse(url, base) ? new URL(url, base) : undefined;

/** @param url the page's own */
export const readPage = (html: string, url: string) => {
  const document = parseDocument(html);
  const all = (name: string) => DomUtils.getElementsByTagName(name, document);
  // What these hold is not run.
  for (const inert of [...all('noscript'), ...all('template')]) DomUtils.removeElement(inert);
  const base = resolve(all('base')[0]?.attribs['href'], url)?.href ?? url;
  const others: string[] = [];
  let tag: Tag | undefined;
  for (const script of all('script')) {
    const { src: given, 'data-src': later, type = '' } = script.attribs;
    const src = resolve(given ?? later, base);
    if (src?.pathname.endsWith('/boot.js')) tag ??= tagOf(src, script.attribs, base);
    else others.push(src ? `${type} ${src.href}` : DomUtils.textContent(script));
  }
  const has = (sign: RegExp): boolean => others.some((text) => sign.test(text));
  return {
    tag,
    /** What runs on the page and may add the tag, by name. */
    unseen: LOADERS.filter(([sign]) => has(sign)).map(([, name]) => name),
    /** Of `<meta http-equiv>`. */
    policies: all('meta')
      .filter(({ attribs }) => /^content-security-policy$/i.test(attribs['http-equiv'] ?? ''))
      .map(({ attribs }) => attribs['content'] ?? ''),
    /** The deployment's own snippet is on the page, too. */
    snippet: has(/genesys-bootstrap\/genesys(\.min)?\.js/),
  };
};

export type Tag = ReturnType<typeof tagOf>;

const tagOf = (src: URL, attributes: Readonly<Record<string, string>>, base: string) => ({
  /** The script's URL, resolved against the page's. */
  src,
  nonce: attributes['nonce'],
  /** Where the tag says that the handler is, if it does. */
  endpoint: resolve(attributes['data-endpoint'], base),
  /** Not run until a consent manager changes its type. */
  waits: attributes['src'] === undefined || !/^$|javascript|^module$/i.test(attributes['type'] ?? ''),
});
