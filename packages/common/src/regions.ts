// Genesys Cloud's regions by each of the three names that people use for them.
import { nearest } from './nearest.ts';

export interface Region {
  /** The AWS id, such as `eu-west-1`. */
  readonly aws: string;
  /** The domain that every host name ends in, such as `mypurecloud.ie`. */
  readonly domain: string;
  /** Messenger's name, such as `prod-euw1`. */
  readonly messenger: string;
}

const region = (aws: string, domain: string, messenger: string): Region => ({ aws, domain, messenger });

export const REGIONS: readonly Region[] = [
  region('us-east-1', 'mypurecloud.com', 'prod'),
  region('us-east-2', 'use2.us-gov-pure.cloud', 'fedramp-use2-core'),
  region('us-west-2', 'usw2.pure.cloud', 'prod-usw2'),
  region('ca-central-1', 'cac1.pure.cloud', 'prod-cac1'),
  region('mx-central-1', 'mxc1.pure.cloud', 'prod-mxc1'),
  region('sa-east-1', 'sae1.pure.cloud', 'prod-sae1'),
  region('eu-west-1', 'mypurecloud.ie', 'prod-euw1'),
  region('eu-west-2', 'euw2.pure.cloud', 'prod-euw2'),
  region('eu-central-1', 'mypurecloud.de', 'prod-euc1'),
  region('eu-central-2', 'euc2.pure.cloud', 'prod-euc2'),
  region('me-central-1', 'mec1.pure.cloud', 'prod-mec1'),
  region('ap-south-1', 'aps1.pure.cloud', 'prod-aps1'),
  region('ap-northeast-1', 'mypurecloud.jp', 'prod-apne1'),
  region('ap-northeast-2', 'apne2.pure.cloud', 'prod-apne2'),
  region('ap-northeast-3', 'apne3.pure.cloud', 'prod-apne3'),
  region('ap-southeast-1', 'apse1.pure.cloud', 'prod-apse1'),
  region('ap-southeast-2', 'mypurecloud.com.au', 'prod-apse2'),
  region('eusc-de-east-1', 'edee1.eusc-pure.cloud', 'eusc-edee1-core'),
];

/** The region with this AWS id, domain or Messenger name, whatever the case; `undefined` where there is none. */
export const resolveRegion = (name: string): Region | undefined => {
  const wanted = name.trim().toLowerCase();
  return REGIONS.find(({ aws, domain, messenger }) => [aws, domain, messenger].includes(wanted));
};

/** The names nearest to a misspelt one, best first: what an error message offers. */
export const suggestRegions = (name: string, most = 3): string[] =>
  nearest(
    name.trim().toLowerCase(),
    REGIONS.flatMap(({ aws, domain, messenger }) => [aws, domain, messenger]),
    most,
  );

/** Where a region's services are. */
export const regionHosts = ({ domain }: Region) => ({
  oauthToken: `https://login.${domain}/oauth/token`,
  guestTokens: `https://api.${domain}/api/v2/guest-tokens`,
  bootstrap: `https://apps.${domain}/genesys-bootstrap/genesys.min.js`,
  deployments: `https://api-cdn.${domain}/webdeployments/v1/deployments`,
});
