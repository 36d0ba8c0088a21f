// The access token of all instances: sealed in Redis, fetched by one of them at a time.
import type { AccessToken } from '../../genesys/access-token.ts';
import type { SharedAccessToken } from '../shared.ts';
import type { Vault } from './vault.ts';

export const createRedisAccessToken = (
  vault: Vault<AccessToken>,
  names: readonly string[],
): SharedAccessToken => {
  /** As the last one lies in Redis: what is dropped must be what was refused, not what another has put there since. */
  let last: { readonly value: string; readonly text: string } | undefined;
  return {
    make: async (options) => {
      const { value, text } = await vault.make(names, options);
      if (text !== undefined) last = { value: value.value, text };
      return value;
    },
    drop: ({ value }) => {
      if (last?.value === value) vault.drop(names, last.text).catch(() => {});
    },
  };
};
