// Everything that a Redis keeps, as one text to search.
import { expect } from 'vitest';
import type { RedisServer } from '../../packages/server/src/testing/redis.ts';

const READ: Record<string, readonly [string, ...string[]]> = {
  string: ['GET'],
  hash: ['HGETALL'],
  zset: ['ZRANGE', '0', '-1'],
  stream: ['XRANGE', '-', '+'],
};

export const kept = async (redis: RedisServer): Promise<string> => {
  const texts: string[] = [];
  for (const key of (await redis.command('KEYS', '*')) as string[]) {
    const [name = '', ...rest] = READ[(await redis.command('TYPE', key)) as string] ?? [];
    expect(name, `no way to read ${key}`).not.toBe('');
    texts.push(key, JSON.stringify(await redis.command(name, key, ...rest)));
  }
  return texts.join('\n');
};
