// Whose address a request comes from, as far as it can be believed, and as what it is counted.
import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import type { HandlerSettings } from '../options/settings.ts';

/** What Express adds to a request. */
interface ExpressRequest {
  readonly ip?: string | undefined;
  readonly app?: { get?(setting: string): unknown };
}

/** The caller's address, `undefined` where it cannot be known. Never throws. */
export type AddressOf = (req: IncomingMessage) => string | undefined;

export const createAddressOf = ({
  clientAddress,
  warn,
  log,
}: Pick<HandlerSettings, 'clientAddress' | 'warn' | 'log'>): AddressOf => {
  let warned = false;
  const own = (req: IncomingMessage): string | undefined => {
    const { ip, app } = req as ExpressRequest;
    const trusted = Boolean(app?.get?.('trust proxy'));
    if (!trusted && req.headers['x-forwarded-for'] !== undefined) {
      if (!warned) warn(UNTRUSTED);
      warned = true;
      return undefined;
    }
    return ip ?? req.socket.remoteAddress;
  };
  if (!clientAddress) return own;
  return (req) => {
    try {
      return clientAddress(req) || undefined;
    } catch (error) {
      log('error', 'clientAddress(req) failed, so mintsPerMinute is not applied', { error: String(error) });
      return undefined;
    }
  };
};

const UNTRUSTED =
  'X-Forwarded-For arrives but no proxy is trusted, so addresses are unknown and mintsPerMinute is not applied: ' +
  "set Express' `trust proxy`, or `clientAddress` on a bare server";

/**
 * As what an address is counted: IPv4 by itself, also where it comes mapped into IPv6; IPv6 by its /64, the least that
 * one subscriber gets. Ports, as some proxies append to IPv4, do not count.
 */
export const addressGroup = (address: string): string => {
  const bare = address
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/%.*$/, '');
  const v4 = /^(?:::ffff:)?(\d+(?:\.\d+){3})(?::\d+)?$/i.exec(bare)?.[1];
  if (v4 && isIPv4(v4)) return v4;
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare);
  const [mappedHigh, mappedLow] = groups.slice(6) as [number, number];
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [mappedHigh >> 8, mappedHigh & 255, mappedLow >> 8, mappedLow & 255].join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
};

/** The eight groups of an IPv6 address. WHATWG URLs write each address in one way, without a dotted tail. */
const groupsOf = (address: string): number[] => {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const numbers = (part: string | undefined): number[] =>
    part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
};
