// Reaches hosts the way this server would, and says in an operator's words why it cannot.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { networkError } from '../../../server/src/lib/network-errors.ts';
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

/** Failures that a proxy for outgoing connections would explain. */
const PROXY_WOULD_HELP = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ABORT_ERR'],
]);

/** What went wrong, in the words of the server's log. */
export const troubleOf = (error: unknown, env: Environment): Trouble => {
  const { code, what, fix } = networkError(error);
  const variable = ['HTTPS_PROXY', 'https_proxy'].find((name) => env[name]);
  const proxied = variable && PROXY_WOULD_HELP.has(code);
  const proxy = proxied
    ? ` ${variable} is set: the server goes through that proxy, this check does not.`
    : '';
  return { what: `${what} (${code})`, mend: `${fix}${proxy}`, misspelt: code === 'ENOTFOUND' };
};
