// What an origin and a URL are, which of them never leave this machine, and which belong to one site.

const parse = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined);
const isWeb = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';

/** A full URL that can be called; user names and passwords in it would reach logs, so they are refused. */
export const isUrl = (value: string): boolean => {
  const url = parse(value);
  return url !== undefined && isWeb(url) && !url.username && !url.password && !url.hash;
};

/** The origin that a URL has, for saying what was meant. */
export const originOf = (value: string): string | undefined => {
  const url = parse(value);
  return url && isWeb(url) ? url.origin : undefined;
};

/** Exactly as browsers write it in the `Origin` header. */
export const isOrigin = (value: string): boolean => originOf(value) === value;

/** Whether a URL's host is this machine: `localhost` and its subdomains (RFC 6761), 127.0.0.0/8, ::1. */
export const isLoopback = (value: string): boolean => {
  const host = parse(value)?.hostname;
  return host !== undefined && /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(host);
};

/**
 * Whether browsers take two origins for one site, so that a `SameSite=Lax` cookie goes along: the same scheme, and the
 * same host, one below the other, or both below one registered domain. The public suffix list is left to browsers:
 * `co.uk` and its like are known here, and what else is taken for a domain is the operator's to know.
 */
export const isSameSite = (a: string, b: string): boolean => {
  const [one, two] = [new URL(a), new URL(b)];
  if (one.protocol !== two.protocol) return false;
  if (one.hostname === two.hostname) return true;
  if (/^[\d.]+$|^\[/.test(one.hostname)) return false;
  const shared = sharedLabels(one.hostname.split('.'), two.hostname.split('.'));
  return shared.length > 2 || (shared.length === 2 && !SECOND_LEVEL.test(shared.join('.')));
};

/** Suffixes of two labels, below which everyone may register. */
const SECOND_LEVEL = /^(ac|co|com|edu|gob|gov|go|ltd|mil|ne|net|nom|or|org|plc)\.[a-z]{2}$/;

const sharedLabels = (a: readonly string[], b: readonly string[]): string[] => {
  let count = 0;
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count += 1;
  return a.slice(a.length - count);
};
