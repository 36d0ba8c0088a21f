// What Redis does as one step, in Lua. All times are by Redis' clock. What a stranger may have written is never trusted
// to be a number, or to end: no script fails for it.
import { FORMAT } from '../lib/encryption.ts';

/** Milliseconds by Redis' clock. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Milliseconds: browsers keep no cookie longer (RFC 6265bis, 5.5). */
export const LONGEST_COOKIE = 34_560_000_000;

/**
 * A mark of forgetting: when that was last, and until when the cookie is dead; 0 where it is not. What lies too far in the
 * future is a stranger's.
 */
const FORGOTTEN_AT = `
local function forgotten_at(key)
  local at, dead = string.match(redis.call('MGET', key)[1] or '', '^(%d+) (%d+)$')
  at, dead = tonumber(at) or 0, tonumber(dead) or 0
  return at <= now + 60000 and at or 0, dead <= now + ${LONGEST_COOKIE} and dead or 0
end
`;

/** KEYS: a key of its own. Uses every command of the other scripts, so that a missing right shows here. @returns Redis' time */
export const PROBE = `
local key = KEYS[1]
for _, command in ipairs({
  {'time'}, {'set', key, '1', 'PX', '1000'}, {'mget', key}, {'exists', key}, {'pttl', key}, {'pexpire', key, '1000'},
  {'del', key}, {'zadd', key, '1', 'a'}, {'zcard', key}, {'zrange', key, '0', '0'}, {'zrem', key, 'a'},
  {'zremrangebyscore', key, '1', '1'}, {'zremrangebyrank', key, '0', '0'}, {'del', key},
  {'hset', key, 'a', '1'}, {'hlen', key}, {'hvals', key}, {'del', key},
}) do
  local reply = redis.pcall(unpack(command))
  local err = type(reply) == 'table' and reply.err
  if err and string.find(err, 'NOPERM') or err and string.find(err, 'run this command') then err = 'NOPERM ' .. command[1] end
  if err then return redis.error_reply(err) end
end
${NOW} return now
`;

/**
 * KEYS: values, marks of forgetting, leases. ARGV: owner, ms. Takes the lease unless another owner holds it. A lease that
 * never ends, or lasts longer than ours, was not written by us and is ignored.
 * @returns Redis' time; ms that the other owner's lease has left, or 0; the time since which this lease counts, which is
 * after every forgetting; then the values and the marks
 */
export const ACQUIRE = `${NOW}${FORGOTTEN_AT}
local n = #KEYS / 3
local wait, since = 0, now
for i = n + 1, 2 * n do since = math.max(since, forgotten_at(KEYS[i]) + 1) end
for i = 2 * n + 1, 3 * n do
  local holder = redis.call('MGET', KEYS[i])[1]
  local left = redis.call('PTTL', KEYS[i])
  if holder and holder ~= ARGV[1] and left <= tonumber(ARGV[2]) then wait = math.max(wait, left) end
end
if wait == 0 then
  for i = 2 * n + 1, 3 * n do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
end
return {now, wait, since, redis.call('MGET', unpack(KEYS, 1, 2 * n))}
`;

/** KEYS: leases. ARGV: owner, ms, 0 to give them back. */
export const EXTEND = `
for _, key in ipairs(KEYS) do
  if redis.call('MGET', key)[1] == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end
end
`;

/**
 * KEYS: values, marks, leases. ARGV: owner, encrypted, ms, since when it counts. Without an owner one that is there stays.
 * Stores the value and gives the lease back, which may have run out or been lost meanwhile.
 * @returns 0 if it was forgotten since, another owner holds the lease, or one that is there stays; else 1, also where a later
 * version wrote the one that is there, and that one stays
 */
export const STORE = `${NOW}${FORGOTTEN_AT}
local n = #KEYS / 3
for i = 1, n do
  local holder = redis.call('MGET', KEYS[2 * n + i])[1]
  if holder and holder ~= ARGV[1] then return 0 end
  if forgotten_at(KEYS[n + i]) >= tonumber(ARGV[4]) then return 0 end
end
local there = redis.call('MGET', KEYS[1])[1]
if there and tonumber(string.match(there, '^v(%d+)%.') or 0) > ${FORMAT} then return 1 end
if ARGV[1] == '' and there then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
for i = 1, n do
  if i > 1 then redis.call('DEL', KEYS[i]) end
  redis.call('DEL', KEYS[2 * n + i])
end
return 1
`;

/**
 * KEYS: values, marks, leases. ARGV: ms ago, ms of the mark, whether it is marked in any case, ms for which the cookie is
 * dead. What was issued before that time no longer counts. Where there was nothing, no mark is left behind.
 * @returns 1 if a mark was written, else 0
 */
export const FORGET = `${NOW}${FORGOTTEN_AT}
local n = #KEYS / 3
local at, any = now - ARGV[1], ARGV[3] == '1'
for i = 1, n do
  if redis.call('EXISTS', KEYS[i], KEYS[2 * n + i]) > 0 then any = true end
  if ARGV[1] == '0' then redis.call('DEL', KEYS[i], KEYS[2 * n + i]) end
end
if not any then return 0 end
for i = n + 1, 2 * n do
  local before, dead = forgotten_at(KEYS[i])
  if ARGV[4] ~= '0' then dead = math.max(dead, now + ARGV[4]) end
  local mark = string.format('%d %d', math.max(at, before), dead)
  redis.call('SET', KEYS[i], mark, 'PX', math.max(ARGV[2], dead - now))
end
return 1
`;

/** The ms until a key expires, at most `most`. We write no key that lives longer, so a longer life is cut. */
const LEFT_OF = `
local function left_of(key, most)
  local left = redis.call('PTTL', key)
  if left > most or left == -1 then
    redis.call('PEXPIRE', key, most)
    left = most
  end
  return math.max(left, 0)
end
`;

/** By the platform's own count: calls that it has left, and calls that it allows; none where nothing is known. */
const PLATFORM = `
local function platform(key)
  local left, allowed = string.match(redis.call('MGET', key)[1] or '', '^(%d+) ([1-9]%d*)$')
  return tonumber(left), tonumber(allowed)
end
`;

/**
 * KEYS: calls, pause, the platform's count. ARGV: most calls, the part of them that is kept for others, ms of the window,
 * id of the call, ms of the longest pause.
 * @returns ms to wait, or 0 if the call may leave; calls that could leave after it; most calls; ms of the pause
 */
export const TAKE = `${NOW}${LEFT_OF}${PLATFORM}
local window = tonumber(ARGV[3])
local reset = left_of(KEYS[3], window)
local left, allowed = platform(KEYS[3])
local most = math.min(ARGV[1], allowed or ARGV[1])
local kept = math.floor(most * ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + window, '+inf')
local count = redis.call('ZCARD', KEYS[1])
local limit = most - kept
local wait = 0
if count >= limit then
  local blocking = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  wait = math.ceil(blocking[2] + window - now)
end
local pause = left_of(KEYS[2], tonumber(ARGV[5]))
if left and left < 1 + kept then wait = math.max(wait, reset) end
wait = math.max(wait, pause)
if wait <= 0 then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], window + 1000)
  count = count + 1
  if left then
    left = left - 1
    redis.call('SET', KEYS[3], string.format('%d %d', left, allowed), 'PX', reset)
  end
end
return {wait, math.min(most - count, left or most), most, pause}
`;

/** KEYS: calls. ARGV: ms of the window, then for each call its id and how many ms ago it left. */
export const RECORD = `${NOW}
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'NX', now - ARGV[i + 1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] + 1000)
`;

/** KEYS: a sorted set. ARGV: what is taken out. */
export const TAKE_OUT = `redis.call('ZREM', KEYS[1], ARGV[1])`;

/** KEYS: pause. ARGV: ms. A longer pause stays. */
export const PAUSE = `if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end`;

/**
 * KEYS: the platform's count. ARGV: calls left, ms until the platform's window ends, calls that it allows. Within one
 * window of the platform's the lower count stays.
 */
export const LEARN = `${PLATFORM}
local left, reset = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = platform(KEYS[1])
if known and math.abs(redis.call('PTTL', KEYS[1]) - reset) < 2000 then left = math.min(left, known) end
if reset > 0 then redis.call('SET', KEYS[1], string.format('%d %d', left, ARGV[3]), 'PX', reset) end
`;

/** KEYS: count. ARGV: calls in a minute, ms of the minute. @returns ms until one more may be counted; 0 if it was counted */
export const COUNT = `${LEFT_OF}
local window = tonumber(ARGV[2])
local count = tonumber(redis.call('MGET', KEYS[1])[1])
local left = count and left_of(KEYS[1], window) or 0
if left == 0 then
  redis.call('SET', KEYS[1], 1, 'PX', window)
  return 0
end
if count >= tonumber(ARGV[1]) then return left end
redis.call('SET', KEYS[1], math.floor(count) + 1, 'PX', left)
return 0
`;

/** KEYS: claim. ARGV: owner, ms. @returns 1 if the owner has the claim, now or from before; else 0 */
export const CLAIM = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
return redis.call('MGET', KEYS[1])[1] == ARGV[1] and 1 or 0
`;
