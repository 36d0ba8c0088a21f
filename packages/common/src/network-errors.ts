// What the network and Redis answer in place of what was wanted, in an operator's words: one table for the log and the doctor.

export interface NetworkError {
  /** Node.js', undici's or OpenSSL's; the first word of a Redis error; else the error's name. */
  readonly code: string;
  /** What the host does, as the rest of a sentence that begins with its name. */
  readonly what: string;
  readonly fix: string;
}

/** Codes, what the host does, and what to do about it. */
type Entry = readonly [codes: RegExp, what: string, fix: string];

export const NETWORK_ERRORS: readonly Entry[] = [
  [
    /^ENOTFOUND$/,
    'has no address in DNS',
    'Check how the host is spelt (`region`, an endpoint), and that this machine uses the right DNS server.',
  ],
  [
    /^EAI_AGAIN$/,
    'cannot be looked up: the DNS server does not answer',
    "Check this machine's DNS (/etc/resolv.conf, the container's network).",
  ],
  [
    /^ECONNREFUSED$/,
    'refuses connections: nobody listens on this port',
    'Check host and port of the URL, and that the service runs. In a container 127.0.0.1 is the container itself.',
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|SocketClosedUnexpectedlyError)$/,
    'breaks the connection',
    'Check whether the port has TLS where the URL has none (https, rediss), or wants a client certificate (`upstream.dispatcher`), and which firewall or proxy on the way cuts connections.',
  ],
  [
    /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ABORT_ERR|TimeoutError|AbortError)$/,
    'does not answer in time',
    'Open the firewall for outgoing connections to this host and port.',
  ],
  [
    /^ConnectionTimeoutError$/,
    'does not take the connection in time',
    'Open the firewall for outgoing connections to this host and port. A plain port never answers TLS: write redis:// where it has none.',
  ],
  [
    /^(ENETUNREACH|EHOSTUNREACH)$/,
    'cannot be reached from this network',
    "Check this machine's routes and its firewall for outgoing connections.",
  ],
  [
    /^UND_ERR_ABORTED$/,
    'cannot be reached: the proxy refuses the connection',
    'Check HTTPS_PROXY and NO_PROXY, or `upstream.dispatcher`, and what the proxy allows.',
  ],
  [
    /^UND_ERR_CLOSED$/,
    'was still being asked when `close()` ended the call',
    'Give `close({ timeout })` more time where this happens often.',
  ],
  [
    /^UND_ERR_INVALID_ARG$/,
    'was not called: `upstream.dispatcher` does not take the call',
    'Check that it is a dispatcher of undici 7 or newer.',
  ],
  [
    /^ERR_UNKNOWN_BUILTIN_MODULE$/,
    'was not called: undici cannot be loaded',
    "Node 20 lacks node:sqlite, which Rollup puts into a bundle of undici: give @rollup/plugin-commonjs `ignore: ['node:sqlite']`, Vite `build.commonjsOptions.ignore`.",
  ],
  [
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    'shows a self-signed certificate, which this machine does not trust',
    'Give that certificate to Node.js with NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or have the host show one of a known authority.',
  ],
  [
    /SELF_SIGNED|^UNABLE_TO_/,
    'shows a certificate that this machine does not trust',
    'A proxy that inspects TLS, or a gateway with an authority of its own, stands between: give its certificate to Node.js with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
  ],
  [
    /^CERT_/,
    'shows a certificate that is not valid today',
    "Check this machine's clock first (date -u), then the certificate of that host.",
  ],
  [
    /ALTNAME_INVALID/,
    "shows another host's certificate",
    'Check how the host is spelt, and that DNS does not lead to another machine.',
  ],
  [
    /^ERR_SSL_.*(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/,
    'ends the TLS handshake',
    'Check whether it wants a client certificate: give it to `upstream.dispatcher`, as new Agent({ connect: { key, cert } }) of undici.',
  ],
  [
    /^(ERR_SSL_.*|EPROTO)$/,
    'does not speak TLS on this port',
    'Check scheme and port of the URL: http and redis are for a plain port, https and rediss for one with TLS.',
  ],
  [
    /^WRONGPASS$/,
    'does not take the user name or the password',
    'Correct them in the URL: redis://user:password@host. Characters such as @ : / # % must be percent-encoded.',
  ],
  [/^NOAUTH$/, 'wants a password', 'Put it into the URL: redis://:password@host.'],
  [
    /^NOPERM\b/,
    'does not let this user do what is needed',
    'Give the user the commands and keys that the store uses: ACL SETUSER <user> ~<prefix>:* +@read +@write +@scripting +@connection +info +time.',
  ],
  [
    /^(MOVED|CROSSSLOT|CLUSTERDOWN)$/,
    'is a node of a cluster, and is asked as if it were the whole',
    'Give redisStore({ client: createCluster({ rootNodes: [{ url }] }) }) of @redis/client in place of `url`.',
  ],
  [/^LOADING$/, 'is still loading its data', 'Wait until it has; the site goes on without it meanwhile.'],
  [
    /^DENIED$/,
    'is in protected mode and refuses other machines',
    'Give Redis a password, and bind it to the network that the site is in.',
  ],
  [
    /^no answer in time$/,
    'does not answer in time',
    'Put Redis into the same region and network as the site, and see whether it is busy.',
  ],
  [
    /^(MISCONF|NOREPLICAS)$/,
    'takes no writes, as it cannot save them',
    'See the log of Redis: its disk, its replicas.',
  ],
  [/^OOM$/, 'is full and takes nothing new', 'Give it more memory, or a server of its own.'],
  [
    /^ERR$/,
    'answers with an error',
    'Check that it is Redis 6.2 or newer, or Valkey, and that it has the database whose number stands in the URL.',
  ],
  [/^READONLY$/, 'is a replica and takes no writes', 'Give the URL of the primary.'],
];

const UNKNOWN: Entry = [/./, 'cannot be reached', 'Check DNS, firewall and proxy on the way to that host.'];

/** Looks at the error's code alone, because its message might quote what was sent. */
export const networkError = (error: unknown): NetworkError => {
  const code = codeOf(error);
  const [, what, fix] = NETWORK_ERRORS.find(([codes]) => codes.test(code)) ?? UNKNOWN;
  return { code, what, fix };
};

/** Node.js tries a host's addresses one after the other and collects an error for each: the first one is told. */
const codeOf = (error: unknown): string => {
  const { code, errors, name } = (error ?? {}) as { code?: unknown; errors?: unknown[]; name?: unknown };
  if (typeof code === 'string') return code;
  if (errors?.[0]) return codeOf(errors[0]);
  // The classes of @redis/client have no name of their own.
  return name === 'Error' ? (error as Error).constructor.name : String(name ?? 'unknown');
};

const PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'redis:': '6379',
  'rediss:': '6379',
};

/**
 * A `%` that is not encoded in a password, and a database that is no number, are found here: the client would find them at each
 * connection.
 */
export const isRedisUrl = (value: string): boolean => {
  try {
    const { username, password, pathname } = new URL(value);
    decodeURIComponent(username + password);
    return /^rediss?:\/\//.test(value) && /^\/?\d*$/.test(pathname);
  } catch {
    return false;
  }
};

/** `host:port` of a URL, with the port of the scheme where none is written. */
export const hostAndPort = (url: string | URL): string => {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || PORTS[protocol]}`;
};
