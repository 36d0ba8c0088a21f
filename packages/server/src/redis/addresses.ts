// Counts in Redis what each address causes in a minute, by a name that does not show it.
import type { AddressCounter } from '../store/ports.ts';
import { numbers, type RedisBase } from './base.ts';
import { COUNT } from './scripts.ts';

/** Milliseconds, from an address' first call. */
const MINUTE = 60_000;

export const createRedisAddresses = ({ commands, names }: RedisBase): AddressCounter => ({
  consume: async (address, perMinute) => {
    // Mounts may have limits of their own.
    const [name] = names.of(JSON.stringify(['address', address, perMinute]));
    const reply = await commands.run(COUNT, [names.key('address', name as string)], [perMinute, MINUTE]);
    const [wait = 0] = numbers(reply);
    return wait > 0 ? Math.ceil(Math.min(wait, MINUTE) / 1_000) : undefined;
  },
});
