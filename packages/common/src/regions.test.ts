// A region is found by each of its names, and a misspelt one gets the nearest.
import { describe, expect, it } from 'vitest';
import { REGIONS, regionHosts, resolveRegion, suggestRegions } from './regions.ts';

describe('regions', () => {
  it('are found by AWS id, domain and Messenger name, in any case', () => {
    for (const region of REGIONS) {
      for (const name of [region.aws, region.domain, region.messenger]) {
        expect(resolveRegion(name)).toBe(region);
        expect(resolveRegion(` ${name.toUpperCase()} `)).toBe(region);
      }
    }
  });

  it('have no name twice', () => {
    const names = REGIONS.flatMap(({ aws, domain, messenger }) => [aws, domain, messenger]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['eu-wset-1', 'eu-west-1'],
    ['mypurecloud.i', 'mypurecloud.ie'],
    ['prod-euw', 'prod-euw1'],
    ['apps.mypurecloud.de', 'mypurecloud.de'],
  ])('suggest for %s first %s', (misspelt, meant) => {
    expect(resolveRegion(misspelt)).toBeUndefined();
    expect(suggestRegions(misspelt)[0]).toBe(meant);
  });

  it('lead to the hosts that the platform documents', () => {
    expect(regionHosts(resolveRegion('eu-west-1') as never)).toEqual({
      oauthToken: 'https://login.mypurecloud.ie/oauth/token',
      guestTokens: 'https://api.mypurecloud.ie/api/v2/guest-tokens',
      bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
      deployments: 'https://api-cdn.mypurecloud.ie/webdeployments/v1/deployments',
    });
  });
});
