// Says what a Content-Security-Policy allows: the part of CSP level 3 that decides about Messenger's requests.

/** One policy: each directive with its sources. */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** The policies of a header; where there are several, all must allow. */
export const parsePolicies = (text: string): Policy[] =>
  text
    .split(',')
    .map((policy) => {
      const directives = policy
        .split(';')
        .map((directive) => directive.trim().split(/\s+/))
        .filter(([name]) => name);
      // Of a directive that stands twice the first counts.
      directives.reverse();
      return new Map(directives.map(([name = '', ...sources]) => [name.toLowerCase(), sources]));
    })
    .filter((policy) => policy.size > 0);

/** Where a directive is absent, these speak for it, in this order. */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  'script-src': ['script-src-elem', 'script-src', 'default-src'],
  'frame-src': ['frame-src', 'child-src', 'default-src'],
};

const sourcesFor = (policy: Policy, directive: string) =>
  (FALLBACKS[directive] ?? [directive, 'default-src'])
    .map((name) => policy.get(name))
    .find((sources) => sources !== undefined);

const isNonce = (source: string): boolean => /^'nonce-/i.test(source);

/** Whether scripts must carry a nonce, or may. */
export const hasNonce = (policy: Policy): boolean => sourcesFor(policy, 'script-src')?.some(isNonce) ?? false;

/**
 * Whether the policy lets a page of this origin make this request.
 * @param nonce the script's, which it hands on; `undefined` where it cannot be seen and is taken to be right
 */
export const allows = (
  policy: Policy,
  directive: string,
  url: string,
  { origin, nonce }: { readonly origin: string; readonly nonce?: string | undefined },
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
  return sources.some((source) => matches(source.toLowerCase(), new URL(url), new URL(origin)));
};

/** After CSP level 3, 6.7.2.8; where browsers differ (a host without a scheme, a socket) what any of them takes counts, and so does every path. */
const matches = (source: string, { protocol, hostname, host, port }: URL, self: URL): boolean => {
  if (source === '*') return /^(https?|wss?):$/.test(protocol);
  if (source === "'self'") return host === self.host;
  const [, scheme = protocol, name = '', ports = ''] =
    /^(?:([a-z][a-z0-9+.-]*:)(?:\/\/|$))?([^/:]*|\[[^\]]*\])(?::(\d+|\*))?(?:\/.*)?$/.exec(source) ?? [];
  if (!schemeMatches(scheme, protocol)) return false;
  if (source === scheme) return true;
  const hostMatches = name.startsWith('*') ? hostname.endsWith(name.slice(1)) : hostname === name;
  return hostMatches && (ports === '*' || ports === port || (port === '' && /^(443|80)$/.test(ports)));
};

/** A source of plain http also stands for https, and so for sockets. */
const schemeMatches = (source: string, wanted: string): boolean =>
  source === wanted ||
  (source === 'http:' && wanted === 'https:') ||
  (source === 'ws:' && wanted !== 'data:') ||
  (source === 'wss:' && wanted === 'https:');
