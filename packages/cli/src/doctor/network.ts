// Reaches hosts the way this server would, and says in an operator's words why it cannot.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Environment } from '../../../server/src/options/environment.ts';
import type { Lookup } from './finding.ts';

export interface Reached {
  readonly ms: number;
  /** `TLSv1.3`, or `undefined` where the URL is plain http. */
  readonly tls: string | undefined;
  /** Whole days that the certificate is still good for. */
  readonly certificateDays: number | undefined;
}

const DAY = 86_400_000;

/** Resolves the host's name, connects, and shakes hands where the URL is https. @throws what the network says */
export const reach = async (
  { hostname, protocol, port }: URL,
  lookup: Lookup,
  now: () => number,
  signal: AbortSignal,
): Promise<Reached> => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const startedAt = performance.now();
  if (!isIP(host)) await lookup(host);
  const secure = protocol === 'https:';
  const target = { host, port: Number(port || (secure ? 443 : 80)) };
  const socket = secure
    ? connectTls({ ...target, ...(!isIP(host) && { servername: host }) })
    : connectTcp(target);
  try {
    await connected(socket, secure ? 'secureConnect' : 'connect', signal);
    const ms = Math.round(performance.now() - startedAt);
    if (!secure) return { ms, tls: undefined, certificateDays: undefined };
    const { valid_to: validTo } = (socket as TLSSocket).getPeerCertificate();
    return {
      ms,
      tls: (socket as TLSSocket).getProtocol() ?? undefined,
      certificateDays: Math.floor((Date.parse(validTo) - now()) / DAY),
    };
  } finally {
    socket.destroy();
  }
};

const connected = (socket: Socket, event: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.on('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

export interface Trouble {
  readonly what: string;
  readonly mend: string;
  /** There is no such host, wherever one looks from. */
  readonly misspelt?: boolean;
}

const TRUST: Trouble = {
  what: 'shows a certificate that this machine does not trust',
  mend: 'A proxy that inspects TLS, or a gateway with a CA of its own, stands between: give its CA to Node.js with NODE_EXTRA_CA_CERTS=/path/to/ca.pem, for the site as for this command.',
};
const DATES: Trouble = {
  what: 'shows a certificate that is not valid today',
  mend: "Check this machine's clock first (date -u), then the certificate of that host.",
};
const NO_TLS: Trouble = {
  what: 'does not speak TLS on this port',
  mend: 'Check the scheme and the port of the URL: https where it should be http, or a proxy in between.',
};
const SILENT: Trouble = {
  what: 'does not answer in time',
  mend: 'Open the firewall for outgoing connections to this host and port.',
};
const CUT: Trouble = {
  what: 'breaks the connection',
  mend: 'Look for a firewall or proxy that cuts connections to this host.',
};
const UNREACHABLE: Trouble = {
  what: 'cannot be reached from this network',
  mend: "Check this machine's routes and its firewall for outgoing connections.",
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: {
    what: 'has no address in DNS',
    mend: 'Check how the host is spelt (the region, an endpoint), and that this machine uses the right DNS server.',
    misspelt: true,
  },
  EAI_AGAIN: {
    what: 'cannot be looked up: the DNS server does not answer',
    mend: "Check this machine's DNS (/etc/resolv.conf, the container's network).",
  },
  ECONNREFUSED: {
    what: 'refuses connections: nothing listens on this port',
    mend: 'Check host and port of the URL, and that the service runs.',
  },
  ECONNRESET: CUT,
  UND_ERR_SOCKET: CUT,
  EPIPE: CUT,
  ETIMEDOUT: SILENT,
  UND_ERR_CONNECT_TIMEOUT: SILENT,
  ABORT_ERR: SILENT,
  ENETUNREACH: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  CERT_HAS_EXPIRED: DATES,
  CERT_NOT_YET_VALID: DATES,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "shows another host's certificate",
    mend: 'Check how the host is spelt, and that DNS does not lead to another machine.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
};

/** Failures that a proxy for outgoing connections would explain. */
const PROXY_WOULD_HELP = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']);

/** What went wrong, by its code alone: an error's own message might quote what was sent. */
export const troubleOf = (error: unknown, env: Environment): Trouble => {
  const code = codeOf(error);
  const known = TROUBLES[code] ?? {
    what: `cannot be reached (${code})`,
    mend: 'Check DNS, firewall and proxy between this machine and that host.',
  };
  const proxied = known === SILENT || PROXY_WOULD_HELP.has(code);
  const variable = ['HTTPS_PROXY', 'https_proxy'].find((name) => env[name]);
  if (!variable || !proxied) return known;
  return {
    ...known,
    mend: `${known.mend} ${variable} is set, but Node.js does not use it: the server must reach this host itself.`,
  };
};

/** Addresses are tried one after the other, and each may have failed in its own way: the first says it. */
const codeOf = (error: unknown): string => {
  const { code, name, errors } = (error ?? {}) as { code?: unknown; name?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (errors?.[0]) return codeOf(errors[0]);
  return name === 'TimeoutError' || name === 'AbortError' ? 'ETIMEDOUT' : String(name ?? 'unknown');
};
