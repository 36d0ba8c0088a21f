// Reads a page's HTML as a browser does before it runs anything: our tag, policies, and what may add the tag later.
import { Parser } from 'htmlparser2';

export interface Tag {
  /** The script's URL, resolved against the page's. */
  readonly src: URL;
  readonly nonce: string | undefined;
  /** Where the tag says that the handler is, if it does. */
  readonly endpoint: URL | undefined;
  /** Not run until a consent manager changes its type. */
  readonly waits: boolean;
}

export interface Page {
  readonly tags: readonly Tag[];
  /** What runs on the page and may add the tag, by name. */
  readonly unseen: readonly string[];
  /** Of `<meta http-equiv>`. */
  readonly policies: readonly string[];
  /** The deployment's own snippet is on the page, too. */
  readonly snippet: boolean;
}

/** What loads other scripts, by what is in its URL or in the snippet that loads it. */
const LOADERS: readonly (readonly [RegExp, string])[] = [
  [/googletagmanager\.com\/gtm/, 'Google Tag Manager'],
  [/tiqcdn\.com|\butag\.js/, 'Tealium'],
  [/adobedtm\.com/, 'Adobe Tags'],
  [/onetrust|cookielaw\.org|cookiebot|usercentrics|didomi/i, 'a consent manager'],
  [/\/_next\/|\/_nuxt\/|\/_astro\/|[.-](?=\w*\d)[\w-]{8,}\.m?js$|(bundle|main|app)\.m?js$/, 'a bundle'],
];

type Attributes = Readonly<Record<string, string>>;

/** @param url the page's own */
export const readPage = (html: string, url: string): Page => {
  const tags: Tag[] = [];
  const unseen = new Set<string>();
  const policies: string[] = [];
  let [base, snippet, script, inert] = [url, false, false, 0];

  const look = (text: string): void => {
    for (const [sign, name] of LOADERS) if (sign.test(text)) unseen.add(name);
    snippet ||= /genesys-bootstrap\/genesys(\.min)?\.js/.test(text);
  };
  const readScript = (attributes: Attributes): void => {
    const source = attributes['src'] ?? attributes['data-src'];
    if (source === undefined || !URL.canParse(source, base)) return;
    const src = new URL(source, base);
    if (src.pathname.endsWith('/boot.js')) tags.push(tagOf(src, attributes, base));
    else if (attributes['type'] === 'module') unseen.add('a bundle');
    else look(src.href);
  };
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'noscript' || name === 'template') inert += 1;
      if (inert > 0) return;
      script = name === 'script';
      if (script) readScript(attributes);
      if (name === 'base' && base === url && URL.canParse(attributes['href'] ?? '', url)) {
        base = new URL(attributes['href'] as string, url).href;
      }
      if (name === 'meta' && /^content-security-policy$/i.test(attributes['http-equiv'] ?? '')) {
        policies.push(attributes['content'] ?? '');
      }
    },
    ontext: (text) => {
      if (script && inert === 0) look(text);
    },
    onclosetag: (name) => {
      script = false;
      if (name === 'noscript' || name === 'template') inert -= 1;
    },
  });
  parser.end(html);
  return { tags, unseen: [...unseen], policies, snippet };
};

const tagOf = (src: URL, attributes: Attributes, base: string): Tag => {
  const { nonce, type = '', 'data-endpoint': endpoint } = attributes;
  return {
    src,
    nonce,
    endpoint: endpoint !== undefined && URL.canParse(endpoint, base) ? new URL(endpoint, base) : undefined,
    waits: attributes['src'] === undefined || !/^$|javascript|^module$/i.test(type),
  };
};
