// Counts in Redis what addresses and guests cause, by names that do not show them.
import type { Count, Counted, RateCounter } from '../store/ports.ts';
import type { Link } from './commands.ts';
import type { Names } from './keys.ts';
import { scriptOf } from './scripts.ts';

/** KEYS: counts. ARGV: limit and window in ms of each. Counts one of each, or none where any is at its limit. */
const CONSUME = scriptOf(`
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end
if wait > 0 then return {wait, 0} end
local first = 0
for i, key in ipairs(KEYS) do
  local count = redis.call('INCRBY', key, 1)
  if count == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
  if i == 1 then first = count end
end
return {0, first}
`);

export const createRedisCounter = (link: Link, names: Names): RateCounter => ({
  consume: async (counts: readonly Count[]): Promise<Counted> => {
    const keys = counts.map(({ name, limit, window }) =>
      names.key('count', names.of(JSON.stringify([name, limit, window]))[0] as string),
    );
    const args = counts.flatMap(({ limit, window }) => [limit, window]);
    const [wait = 0, count = 0] = (await link.run(CONSUME, keys, args)) as number[];
    return wait > 0 ? { retryAfter: Math.max(1, Math.ceil(wait / 1_000)) } : { count };
  },
});
