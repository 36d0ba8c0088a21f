// Says where what was here has gone.
import { ConfigurationError } from './lib/errors.ts';

/**
 * `redisStore` is in `@genesys-guest/server/redis`, so that a site without Redis never loads it.
 * @deprecated
 * @throws ConfigurationError always
 */
export const redisStore = (_options?: unknown): never => {
  const message =
    "redisStore is in a face of its own: import { redisStore } from '@genesys-guest/server/redis'";
  throw new ConfigurationError([{ field: 'store', message }]);
};
