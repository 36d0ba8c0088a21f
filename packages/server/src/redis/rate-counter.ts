// Counts in Redis what addresses and guests cause, by names that do not show them.
import type { RateCounter } from '../store/ports.ts';
import { numbers, type RedisBase } from './base.ts';
import { COUNT } from './scripts.ts';

export const createRedisCounter = ({ commands, names }: RedisBase): RateCounter => ({
  consume: async ({ name, limit, window }) => {
    // Mounts may have limits of their own.
    const [hashed] = names.of(JSON.stringify(['count', name, limit, window]));
    const [wait = 0] = numbers(
      await commands.run(COUNT, [names.key('count', hashed as string)], [limit, window]),
    );
    return wait > 0 ? Math.ceil(Math.min(wait, window) / 1_000) : undefined;
  },
});
