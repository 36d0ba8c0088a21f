// Says what a Content-Security-Policy allows: the part of CSP level 3 that decides about Messenger's requests.

/** One policy: each directive with its sources. */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** The policies of a header; where there are several, all must allow. */
export const parsePolicies = (text: string): Policy[] =>
  text
    .split(',')
    .map((policy) => {
      const directives = new Map<string, string[]>();
      for (const directive of policy.split(';')) {
        const [name, ...sources] = directive.trim().split(/\s+/);
        // Of a directive that stands twice the first counts.
        if (name && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
      }
      return directives;
    })
    .filter((policy) => policy.size > 0);

/** Where a directive is absent, these speak for it, in this order. */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  'script-src': ['script-src-elem', 'script-src', 'default-src'],
  'frame-src': ['frame-src', 'child-src', 'default-src'],
};

const sourcesFor = (policy: Policy, directive: string): readonly string[] | undefined => {
  const speaking = (FALLBACKS[directive] ?? [directive, 'default-src']).find((name) => policy.has(name));
  return speaking === undefined ? undefined : policy.get(speaking);
};

const isNonce = (source: string): boolean => /^'nonce-/i.test(source);

/** Whether scripts must carry a nonce, or may. */
export const hasNonce = (policy: Policy): boolean => sourcesFor(policy, 'script-src')?.some(isNonce) ?? false;

export interface Requester {
  /** The page's. */
  readonly origin: string;
  /** The script's, which it hands on; `undefined` where it cannot be seen and is taken to be right. */
  readonly nonce?: string | undefined;
}

/** Whether the policy lets a page make this request. */
export const allows = (
  policy: Policy,
  directive: string,
  url: string,
  { origin, nonce }: Requester,
): boolean => {
  const sources = sourcesFor(policy, directive);
  if (sources === undefined) return true;
  if (directive === 'script-src') {
    if (sources.some((source) => isNonce(source) && (nonce ?? source.slice(7, -1)) === source.slice(7, -1))) {
      return true;
    }
    // Without a nonce nobody is trusted, and hosts are overlooked.
    if (sources.some((source) => /^'strict-dynamic'$/i.test(source))) return false;
  }
  return sources.some((source) => matches(source, new URL(url), new URL(origin)));
};

/** After CSP level 3, 6.7.2.8; where browsers differ (a host without a scheme, a socket) what any of them takes counts, and so does every path. */
const matches = (source: string, url: URL, self: URL): boolean => {
  if (source === '*') return /^(https?|wss?):$/.test(url.protocol);
  if (source.toLowerCase() === "'self'") return url.host === self.host;
  if (source.startsWith("'")) return false;
  const scheme = /^([a-z][a-z0-9+.-]*):$/i.exec(source)?.[1];
  if (scheme) return schemeMatches(`${scheme.toLowerCase()}:`, url.protocol);
  const [, given, host = '', port] =
    /^(?:([a-z][a-z0-9+.-]*:)\/\/)?([^/:]+|\[[^\]]*\])(?::(\d+|\*))?(?:\/.*)?$/i.exec(source) ?? [];
  return (
    (given === undefined || schemeMatches(given.toLowerCase(), url.protocol)) &&
    hostMatches(host.toLowerCase(), url.hostname) &&
    portMatches(port, url)
  );
};

/** A source of plain http also stands for https, and so for sockets. */
const schemeMatches = (source: string, wanted: string): boolean =>
  source === wanted ||
  (source === 'http:' && wanted === 'https:') ||
  (source === 'ws:' && wanted !== 'data:') ||
  (source === 'wss:' && wanted === 'https:');

const hostMatches = (source: string, wanted: string): boolean => {
  if (source === '*') return true;
  return source.startsWith('*.') ? wanted.endsWith(source.slice(1)) : source === wanted;
};

const portMatches = (source: string | undefined, { port }: URL): boolean =>
  source === '*' || (source ?? '') === port || (port === '' && (source === '443' || source === '80'));
