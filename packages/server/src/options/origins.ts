// What an origin and a URL are, and which origins belong to one site.

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

/** Exactly as browsers write it in the `Origin` header: no page has one with `*`. */
export const isOrigin = (value: string): boolean => originOf(value) === value && !value.includes('*');

/**
 * Whether browsers take two origins for one site, so that a `SameSite=Lax` cookie goes along. `same`: one scheme, and
 * one host or one below the other. `other`: two schemes, two addresses, or no more than the last label in common.
 * `unknown`: the rest, as `shop.example.com` and `www.example.com`, which only the public suffix list could tell from
 * two customers' hosts below `co.uk` or a hosting provider's domain.
 */
export const sameSite = (a: string, b: string): 'same' | 'other' | 'unknown' => {
  const [one, two] = [new URL(a), new URL(b)];
  if (one.protocol !== two.protocol) return 'other';
  if (one.hostname === two.hostname) return 'same';
  if ([one, two].some(({ hostname }) => /^[\d.]+$|^\[/.test(hostname))) return 'other';
  if (isBelow(one.hostname, two.hostname) || isBelow(two.hostname, one.hostname)) return 'same';
  const [last, secondLast] = [-1, -2].map(
    (at) => one.hostname.split('.').at(at) === two.hostname.split('.').at(at),
  );
  return last && secondLast ? 'unknown' : 'other';
};

const isBelow = (host: string, domain: string): boolean =>
  domain.includes('.') && host.endsWith(`.${domain}`);
