// What the network says, in words: one table by error code, for the log. The doctor has words of its own.

export interface NetworkError {
  /** What the host does, as the rest of a sentence that begins with its name. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
}

const TRUST: NetworkError = {
  what: 'shows a certificate that this machine does not trust',
  fix: "Check the endpoint. Where a proxy inspects TLS, or a gateway has an authority of its own, give Node.js that authority's certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.",
};
const CLIENT_CERTIFICATE: NetworkError = {
  what: 'ends the TLS handshake',
  fix: 'Check whether it wants a client certificate: give it to `upstream.dispatcher`, as new Agent({ connect: { key, cert } }) of undici.',
};
const DATES: NetworkError = {
  what: 'shows a certificate that is not valid today',
  fix: "Check this machine's clock first (date -u), then the certificate of that host.",
};
const NO_TLS: NetworkError = {
  what: 'does not speak TLS on this port',
  fix: 'Check the scheme and the port of the URL: https where it should be http, or a proxy in between.',
};
const SILENT: NetworkError = {
  what: 'does not answer in time',
  fix: 'Open the firewall for outgoing connections to this host and port.',
};
const CUT: NetworkError = {
  what: 'breaks the connection',
  fix: 'Check for a firewall or proxy that cuts connections to this host, and whether it wants a client certificate: give it to `upstream.dispatcher`.',
};
const UNREACHABLE: NetworkError = {
  what: 'cannot be reached from this network',
  fix: "Check this machine's routes and its firewall for outgoing connections.",
};

export const NETWORK_ERRORS: Readonly<Record<string, NetworkError>> = {
  ENOTFOUND: {
    what: 'has no address in DNS',
    fix: 'Check how the host is spelt (`region`, `endpoints`), and that this machine uses the right DNS server.',
  },
  EAI_AGAIN: {
    what: 'cannot be looked up: the DNS server does not answer',
    fix: "Check this machine's DNS (/etc/resolv.conf, the container's network).",
  },
  ECONNREFUSED: {
    what: 'refuses connections: nobody listens there',
    fix: 'Check host and port of the URL, and that the service runs.',
  },
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: SILENT,
  UND_ERR_CONNECT_TIMEOUT: SILENT,
  ABORT_ERR: SILENT,
  ENETUNREACH: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  UND_ERR_ABORTED: {
    what: 'cannot be reached: the proxy refuses the connection',
    fix: 'Check HTTPS_PROXY and NO_PROXY, or `upstream.dispatcher`, and what the proxy allows.',
  },
  UND_ERR_INVALID_ARG: {
    what: 'was not called: `upstream.dispatcher` does not take the call',
    fix: 'Check that it is a dispatcher of undici 7 or newer.',
  },
  ERR_UNKNOWN_BUILTIN_MODULE: {
    what: 'was not called: undici cannot be loaded',
    fix: "Node 20 lacks node:sqlite, which Rollup puts into a bundle of undici: give @rollup/plugin-commonjs `ignore: ['node:sqlite']`, Vite `build.commonjsOptions.ignore`.",
  },
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    ...TRUST,
    what: 'shows a self-signed certificate, which this machine does not trust',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  CERT_HAS_EXPIRED: DATES,
  CERT_NOT_YET_VALID: DATES,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "shows another host's certificate",
    fix: 'Check how the host is spelt, and that DNS does not lead to another machine.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: CLIENT_CERTIFICATE,
};

/** Looks at the error's code alone, because its message might quote what was sent. */
export const networkError = (error: unknown): NetworkError & { readonly code: string } => {
  const code = codeOf(error);
  const known = NETWORK_ERRORS[code] ?? {
    what: 'cannot be reached',
    fix: 'Check DNS, firewall and proxy between this machine and that host.',
  };
  return { code, ...known };
};

/** Node.js tries a host's addresses one after the other and collects an error for each: the first one is told. */
const codeOf = (error: unknown): string => {
  const { code, name, errors } = (error ?? {}) as { code?: unknown; name?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (errors?.[0]) return codeOf(errors[0]);
  return name === 'TimeoutError' || name === 'AbortError' ? 'ETIMEDOUT' : String(name ?? 'unknown');
};

/** `host:port` of a URL, with the port of the scheme where none is written. */
export const hostAndPort = (url: string): string => {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
};
