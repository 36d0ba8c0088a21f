// Ids that can be used once by all instances together.
import { randomUUID } from 'node:crypto';
import type { SingleUse } from '../store/ports.ts';
import { numbers, type RedisBase } from './base.ts';
import { CLAIM, LONGEST_COOKIE } from './scripts.ts';

export const createSingleUse = ({ commands, names }: RedisBase): SingleUse => {
  const claim = async (kind: string, id: string, owner: string, ttlMs: number): Promise<boolean> => {
    const at = names.key(kind, names.plain(JSON.stringify([kind, id])));
    const ttl = Math.max(1, Math.min(Math.ceil(ttlMs), LONGEST_COOKIE));
    return numbers(await commands.run(CLAIM, [at], [names.plain(owner), ttl]))[0] === 1;
  };
  return {
    // By an owner who never comes again.
    spend: (id, ttlMs) => claim('spent', id, randomUUID(), ttlMs),
    claim: (id, owner, ttlMs) => claim('claimed', id, owner, ttlMs),
  };
};
