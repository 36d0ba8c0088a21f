// Says in an operator's words why a host cannot be reached: by the error's code alone, as its message might quote a secret.

export interface NetworkError {
  /** What the host does, as the rest of a sentence that begins with its name. */
  readonly what: string;
  readonly fix: string;
}

/** By the codes of Node.js, undici and OpenSSL; without one by the error's name. */
const ERRORS: readonly (readonly [codes: RegExp, what: string, fix: string])[] = [
  [
    /^ENOTFOUND$/,
    'has no address in DNS',
    'Check how the host is spelt (the region, an endpoint), and that this machine uses the right DNS server.',
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
    'The port may have TLS where the URL has none (https, rediss); else a firewall or proxy cuts connections to it.',
  ],
  [
    /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ABORT_ERR|TimeoutError|AbortError)$/,
    'does not answer in time',
    'Open the firewall for outgoing connections to this host and port.',
  ],
  [
    /^(ENETUNREACH|EHOSTUNREACH)$/,
    'cannot be reached from this network',
    "Check this machine's routes and its firewall for outgoing connections.",
  ],
  [
    /SELF_SIGNED|^UNABLE_TO_/,
    'shows a certificate that this machine does not trust',
    'A proxy that inspects TLS, or a gateway with a CA of its own, stands between: give its CA to Node.js with NODE_EXTRA_CA_CERTS=/path/to/ca.pem, for the site as for this command.',
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
    /^(ERR_SSL_.*|EPROTO)$/,
    'does not speak TLS on this port',
    'Check scheme and port of the URL: http and redis are for a plain port, https and rediss for one with TLS.',
  ],
];

export const networkError = (error: unknown): NetworkError => {
  const code = codeOf(error);
  const [
    ,
    what = `cannot be reached (${code})`,
    fix = 'Check DNS, firewall and proxy on the way to that host.',
  ] = ERRORS.find(([codes]) => codes.test(code)) ?? [];
  const proxy = ['HTTPS_PROXY', 'https_proxy'].find((name) => process.env[name]);
  const aside = proxy
    ? ` ${proxy} is not used by this command, nor by a server without upstream.dispatcher.`
    : '';
  return { what, fix: fix + aside };
};

/** Addresses are tried one after the other, and each may have failed in its own way: the first says it. */
const codeOf = (error: unknown): string => {
  const { code, errors, name } = (error ?? {}) as { code?: unknown; errors?: unknown[]; name?: unknown };
  if (typeof code === 'string') return code;
  return errors?.[0] ? codeOf(errors[0]) : String(name ?? 'unknown');
};

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Host and port, the port also where the URL leaves it out. */
export const hostAndPort = ({ hostname, port, protocol }: URL): string =>
  `${hostname}:${port || (PORTS[protocol] ?? '6379')}`;
