// What a page's Content Security Policy must allow for Messenger.
import { type Region, regionHosts } from '@genesys-guest/common';
import { ConfigurationError } from './lib/errors.ts';
import { REGION } from './options/fields.ts';

/** What `cspDirectives` takes. */
export interface CspOptions {
  /** AWS id, domain or Messenger's name. */
  readonly region: string;
  /** As given to `genesysGuest`, where Messenger does not come from the region itself. */
  readonly endpoints?:
    | {
        /** Messenger's script. */ readonly bootstrap?: string | undefined;
      }
    | undefined;
}

/** Named as Helmet names its own defaults, so that the two can be spread into one another. */
export type CspDirectives = Record<
  'script-src' | 'connect-src' | 'frame-src' | 'img-src' | 'media-src',
  string[]
>;

/**
 * The directives that Messenger needs, for Helmet: `helmet({ contentSecurityPolicy: { directives: cspDirectives({ region }) } })`
 * keeps Helmet's other defaults. For a policy with nonces and `'strict-dynamic'`, add them to `script-src`; browsers
 * then overlook its hosts. Source: Genesys' developer pages on Messenger and CSP.
 *
 * @throws ConfigurationError where the region is none
 */
export const cspDirectives = (options: CspOptions): CspDirectives => {
  const { data: region, error } = REGION.safeParse(options?.region);
  if (!region) {
    const errors = error?.issues.map(({ message }) => ({ field: 'region', message })) ?? [];
    throw new ConfigurationError(errors);
  }
  const { domain } = region;
  // The older domains have a second one, named as the newer regions are.
  const domains = [domain, secondDomain(region)].filter((name) => name !== undefined);
  const web = domains.map((name) => `https://*.${name}`);
  const bootstrap = new URL(options.endpoints?.bootstrap ?? regionHosts(region).bootstrap).origin;
  const own = bootstrap.endsWith(`.${domain}`) ? [] : [bootstrap];
  return {
    'script-src': ["'self'", ...web, ...own],
    'connect-src': [
      "'self'",
      ...web,
      ...domains.map((name) => `wss://*.${name}`),
      `https://${bucketOf(region)}`,
      ...own,
      ...own.map((origin) => origin.replace(/^http/, 'ws')),
    ],
    'frame-src': ["'self'", `https://apps.${domain}`, ...own],
    'img-src': ["'self'", 'data:', ...web, ...own],
    'media-src': ["'self'", ...web, ...own],
  };
};

/** Where attachments lie. us-east-1 has S3's own first name, and us-east-2 is FedRAMP's, which asks for the FIPS host. */
const bucketOf = ({ aws, messenger }: Region): string => {
  if (aws === 'us-east-1') return `shyrka-${messenger}.s3.amazonaws.com`;
  return `shyrka-${messenger}.${aws === 'us-east-2' ? 's3-fips' : 's3'}.${aws}.amazonaws.com`;
};

/** `mypurecloud.ie` is `euw1.pure.cloud` too: the last part of Messenger's name says which. */
const secondDomain = ({ domain, messenger }: Region): string | undefined => {
  if (!domain.startsWith('mypurecloud.')) return undefined;
  const [, short = 'use1'] = messenger.split('-');
  return `${short}.pure.cloud`;
};
