// Whose address a request comes from, as far as it can be believed, and as what it is counted.
import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import type { ResolvedHandlerOptions } from './ports.ts';

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
}: Pick<ResolvedHandlerOptions, 'clientAddress' | 'warn' | 'log'>): AddressOf => {
  let warned = false;
  const warnOnce = (message: string): void => {
    if (!warned) warn(message);
    warned = true;
  };
  const own = (req: IncomingMessage): string | undefined => {
    const { ip, app } = req as ExpressRequest;
    const trusted = Boolean(app?.get?.('trust proxy'));
    if (!trusted && req.headers['x-forwarded-for'] !== undefined) {
      warnOnce(UNTRUSTED);
      return undefined;
    }
    return ip ?? req.socket.remoteAddress;
  };
  if (!clientAddress) return own;
  return (req) => {
    try {
      const address: unknown = clientAddress(req);
      if (typeof address === 'string') return address || undefined;
      if (address !== undefined && address !== null) warnOnce(NO_STRING);
      return undefined;
    } catch (error) {
      log('error', 'clientAddress(req) failed, so mintsPerMinute is not applied', { error: String(error) });
      return undefined;
    }
  };
};

const NO_STRING = 'clientAddress(req) must return a string, so mintsPerMinute is not applied';

const UNTRUSTED =
  'X-Forwarded-For arrives but no proxy is trusted, so addresses are unknown and mintsPerMinute is not applied: ' +
  "set Express' `trust proxy`, or `clientAddress` on a bare server";

/** A set of addresses that are counted together. */
export interface AddressGroup {
  readonly name: string;
  /** How many times the calls of one address it may cause. */
  readonly share: number;
}

/**
 * The widths at which IPv6 is counted: /64 is the least that one subscriber gets, /56 and /48 what many get. Whoever has
 * a whole /48 to draw addresses from may cause a few subscribers' worth of calls, not 65,536.
 */
const IPV6_WIDTHS = [
  { bits: 64, share: 1 },
  { bits: 56, share: 4 },
  { bits: 48, share: 16 },
] as const;

/**
 * As what an address is counted, the narrowest first: IPv4 by itself, also where it comes mapped into IPv6; IPv6 by its
 * /64 and, wider, by its /56 and /48. Ports, as some proxies append to IPv4, do not count.
 */
export const addressGroups = (address: string): AddressGroup[] => {
  const bare = address
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/%.*$/, '');
  const v4 = /^(?:::ffff:)?(\d+(?:\.\d+){3})(?::\d+)?$/i.exec(bare)?.[1];
  if (v4 && isIPv4(v4)) return [{ name: v4, share: 1 }];
  if (!isIPv6(bare)) return [{ name: bare, share: 1 }];
  const groups = groupsOf(bare);
  const [mappedHigh, mappedLow] = groups.slice(6) as [number, number];
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [
      { name: [mappedHigh >> 8, mappedHigh & 255, mappedLow >> 8, mappedLow & 255].join('.'), share: 1 },
    ];
  }
  return IPV6_WIDTHS.map(({ bits, share }) => ({ name: networkOf(groups, bits), share }));
};

/** The network of the first `bits` bits, from 48 to 64. */
const networkOf = (groups: readonly number[], bits: number): string => {
  const last = ((groups[3] as number) >> (64 - bits)) << (64 - bits);
  return `${[...groups.slice(0, 3), last & 0xffff].map((group) => group.toString(16)).join(':')}::/${bits}`;
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
