// The access token of all instances: encrypted in Redis, fetched by one of them at a time.
import type { AccessToken, SharedAccessToken } from '../upstream/ports.ts';
import type { LeasedCache } from './leased-cache.ts';

export const createRedisAccessToken = (
  cache: LeasedCache<AccessToken>,
  names: readonly string[],
): SharedAccessToken => ({
  issue: async (options) => (await cache.issue(names, options)).value,
  // What is dropped must be what was refused, not what another has put there since.
  drop: (refused) => void cache.drop(names, ({ value }) => value === refused.value).catch(() => {}),
});
