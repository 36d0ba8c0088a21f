// The access token of all instances: encrypted in Redis, fetched by one of them at a time.
import type { AccessToken, SharedAccessToken } from '../upstream/ports.ts';
import type { LeasedCache } from './leased-cache.ts';

export const createRedisAccessToken = (
  cache: LeasedCache<AccessToken>,
  names: readonly string[],
): SharedAccessToken => {
  /** As the last one lies in Redis: what is dropped must be what was refused, not what another has put there since. */
  let last: { readonly value: string; readonly text: string } | undefined;
  return {
    issue: async (options) => {
      const { value, kept } = await cache.issue(names, options);
      if (kept?.text !== undefined) last = { value: value.value, text: kept.text };
      return value;
    },
    drop: ({ value }) => {
      if (last?.value === value) cache.drop(names, last.text).catch(() => {});
    },
  };
};
