// The face of `@genesys-guest/server/redis`: the store that several instances share.
export { fromIoredis, type IoredisClient } from './redis/ioredis.ts';
export type { RedisClient } from './redis/redis-client.ts';
export { type RedisStoreFactory, type RedisStoreOptions, redisStore } from './redis/redis-store.ts';
