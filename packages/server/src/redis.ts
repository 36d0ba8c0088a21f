// The face of `@genesys-guest/server/redis`: the store that several instances share.
export type { RedisClient, RedisStoreOptions } from './redis/connection.ts';
export { fromIoredis, type IoredisClient } from './redis/ioredis.ts';
export { type RedisStoreFactory, redisStore } from './redis/redis-store.ts';
