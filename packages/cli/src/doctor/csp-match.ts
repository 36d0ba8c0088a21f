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

/**
 * Whether the policy lets a page of `self` make this request. A script is taken to carry the policy's nonce, as ours
 * does and hands on.
 */
export const allows = (policy: Policy, directive: string, url: string, self: string): boolean => {
  const sources = sourcesFor(policy, directive);
  if (sources === undefined) return true;
  if (directive === 'script-src') {
    if (sources.some((source) => /^'nonce-/i.test(source))) return true;
    // Without a nonce nobody is trusted, and hosts are overlooked.
    if (sources.some((source) => /^'strict-dynamic'$/i.test(source))) return false;
  }
  return sources.some((source) => matches(source, new URL(url), new URL(self)));
};

/** After CSP level 3, 6.7.2.8; where browsers differ (a host without a scheme, a socket) what any of them takes counts. */
const matches = (source: string, url: URL, self: URL): boolean => {
  if (source === '*') return /^(https?|wss?):$/.test(url.protocol);
  if (source.toLowerCase() === "'self'") return url.host === self.host;
  if (source.startsWith("'")) return false;
  const scheme = /^([a-z][a-z0-9+.-]*):$/i.exec(source)?.[1];
  if (scheme) return schemeMatches(`${scheme.toLowerCase()}:`, url.protocol);
  const [, given, host = '', port, path] =
    /^(?:([a-z][a-z0-9+.-]*:)\/\/)?([^/:]+|\[[^\]]*\])(?::(\d+|\*))?(\/.*)?$/i.exec(source) ?? [];
  return (
    (given === undefined || schemeMatches(given.toLowerCase(), url.protocol)) &&
    hostMatches(host.toLowerCase(), url.hostname) &&
    portMatches(port, url) &&
    pathMatches(path, url.pathname)
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

const pathMatches = (source: string | undefined, wanted: string): boolean => {
  if (source === undefined || source === '/') return true;
  return source.endsWith('/') ? wanted.startsWith(source) : wanted === source;
};
