// How addresses are counted: IPv4 one by one, IPv6 by the networks that one subscriber may have.
import ipaddr from 'ipaddr.js';

/**
 * The widths at which IPv6 is counted: /64 is the least that one subscriber gets, /56 and /48 what many get. Whoever has
 * a whole /48 to draw addresses from may cause a few subscribers' worth of calls, not 65,536.
 */
const IPV6_WIDTHS = [
  { bits: 64, share: 1 },
  { bits: 56, share: 4 },
  { bits: 48, share: 16 },
] as const;

/** Ports, as some proxies append, brackets and zones do not count. */
const bare = (address: string): string =>
  address
    .trim()
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '');

/**
 * The groups of addresses that are counted together, the narrowest first. What is no address, such as a customer's number,
 * is counted as it is. `share`: how many times the calls of one address a group may cause.
 */
export const addressGroups = (address: string): { readonly name: string; readonly share: number }[] => {
  const text = bare(address);
  if (!ipaddr.isValid(text)) return [{ name: text, share: 1 }];
  const parsed = ipaddr.process(text);
  if (parsed.kind() === 'ipv4') return [{ name: parsed.toString(), share: 1 }];
  const { parts } = parsed as ipaddr.IPv6;
  return IPV6_WIDTHS.map(({ bits, share }) => ({ name: network(parts, bits), share }));
};

/** The network of the first `bits` bits, from 48 to 64. */
const network = (parts: readonly number[], bits: number): string => {
  const last = ((parts[3] as number) >> (64 - bits)) << (64 - bits);
  const first = [...parts.slice(0, 3), last & 0xffff].map((part) => part.toString(16));
  return `${first.join(':')}::/${bits}`;
};

/** Ranges that no visitor from the internet comes from: there a proxy of the site's own stands between. */
const INSIDE: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'linkLocal',
  'carrierGradeNat',
]);

/** Whether an address is this machine's or of a private network. */
export const isInside = (address: string): boolean => {
  const text = bare(address);
  return ipaddr.isValid(text) && INSIDE.has(ipaddr.process(text).range());
};
