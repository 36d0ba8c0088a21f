// The access token of all instances: sealed in Redis, fetched by one of them at a time.
import type { AccessToken, SharedAccessToken } from '../upstream/ports.ts';
import type { Vault } from './leased-cache.ts';

export const createRedisAccessToken = (
  vault: Vault<AccessToken>,
  names: readonly string[],
): SharedAccessToken => {
  /** As the last one lies in Redis: what is dropped must be what was refused, not what another has put there since. */
  let last: { readonly value: string; readonly text: string } | undefined;
  return {
    issue: async (options) => {
      const { value, text } = await vault.issue(names, options);
      if (text !== undefined) last = { value: value.value, text };
      return value;
    },
    drop: ({ value }) => {
      if (last?.value === value) vault.drop(names, last.text).catch(() => {});
    },
  };
};
