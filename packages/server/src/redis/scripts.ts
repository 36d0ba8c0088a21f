// What Redis does as one step, in Lua. Where a site rotates its secrets, each thing has a name for each of them.
import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha: string;
  readonly writes: boolean;
  /** Sent with its text each time. */
  readonly whole?: boolean;
}

export const scriptOf = (text: string, writes = true): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
  writes,
});

/** One that nobody waits for: a second try, with its text, could be overtaken by the question that comes after it. */
const inOrder = (text: string): Script => ({ ...scriptOf(text), whole: true });

/** The first token that there is, with what is left of its life; none once it was forgotten under any of its names. */
const FOUND = `
local function found(n, forgotten)
  for i = 1, n do
    if redis.call('EXISTS', KEYS[forgotten + i]) == 1 then return {0, '', 0} end
  end
  for i = 1, n do
    local value = redis.call('GET', KEYS[i])
    if value then return {i, value, redis.call('PTTL', KEYS[i])} end
  end
  return {0, '', 0}
end
`;

/** KEYS: tokens, forgotten marks. */
export const READ = scriptOf(`${FOUND} return found(#KEYS / 2, #KEYS / 2)`, false);

/** KEYS: token, forgotten marks. ARGV: sealed, ms. Puts a token back that is good and was not forgotten. */
export const PUT = scriptOf(`
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end
end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0
`);

/**
 * KEYS: tokens, forgotten marks, leases. ARGV: owner, ms. Takes the lease unless another holds it, and reads the token:
 * milliseconds that the other's lease has left or 0, and what was found.
 */
export const ACQUIRE = scriptOf(`${FOUND}
local n = #KEYS / 3
local at = found(n, n)
local wait = 0
for i = 2 * n + 1, 3 * n do
  local holder = redis.call('GET', KEYS[i])
  if holder and holder ~= ARGV[1] then wait = math.max(wait, redis.call('PTTL', KEYS[i]), 1) end
end
if wait == 0 then
  for i = 2 * n + 1, 3 * n do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
end
return {wait, at[1], at[2], at[3]}
`);

/** KEYS: leases. ARGV: owner, ms. */
export const EXTEND = scriptOf(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end
end
return 1
`);

/** KEYS: leases. ARGV: owner, channel, message. */
export const RELEASE = scriptOf(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`);

/**
 * KEYS: tokens, forgotten marks, leases. ARGV: owner, sealed, ms, whether it may be stored without a lease, channel,
 * message. Who holds the lease stores: forgetting takes it away. A lease may also have run out, or been lost with
 * Redis' memory: then the token is stored where nobody else is at it, has made a newer one, or has forgotten it.
 */
export const STORE = scriptOf(`
local n = #KEYS / 3
local mine = true
for i = 2 * n + 1, 3 * n do
  local holder = redis.call('GET', KEYS[i])
  if holder and holder ~= ARGV[1] then return 0 end
  if not holder then mine = false end
end
if not mine then
  if ARGV[4] ~= '1' then return 0 end
  for i = 1, n do
    if redis.call('EXISTS', KEYS[n + i]) == 1 then return 0 end
    if redis.call('PTTL', KEYS[i]) >= tonumber(ARGV[3]) then return 0 end
  end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
for i = 2, 3 * n do redis.call('DEL', KEYS[i]) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
`);

/** KEYS: tokens, forgotten marks, leases. ARGV: ms of the mark, channel, message. How many tokens there were. */
export const FORGET = scriptOf(`
local n = #KEYS / 3
local had = 0
for i = 1, n do
  redis.call('SET', KEYS[n + i], '1', 'PX', ARGV[1])
  had = had + redis.call('DEL', KEYS[i])
  redis.call('DEL', KEYS[2 * n + i])
end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return had
`);

/** KEYS: tokens. ARGV: what is to be dropped, if it is still there. */
export const DROP = scriptOf(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return 1
`);

/**
 * KEYS: instances, marker. ARGV: this instance, ms that it counts as alive, a new marker, channel, message. How many
 * instances there are, and the marker, which is another one once Redis has lost its memory.
 */
export const BEAT = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'NX')
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2])}
`);

/** KEYS: instances. ARGV: this instance. */
export const LEAVE = scriptOf(`return redis.call('ZREM', KEYS[1], ARGV[1])`);

/**
 * KEYS: calls, pause, probe, platform, instances. ARGV: most calls, ms of the window, id of the call or '' to look only, ms that
 * others wait for a probe. By Redis' clock. Milliseconds to wait, calls in the window, ms of the pause, what the
 * platform has left and for how long, how many instances there are, and where the call may not leave: how many calls leave the window together, and
 * when, in steps.
 */
export const TAKE = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
local wait = 0
if count >= limit then
  local blocking = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  wait = blocking[2] + window - now
end
local pause = math.max(redis.call('PTTL', KEYS[2]), 0)
wait = math.max(wait, pause)
local left, reset = -1, math.max(redis.call('PTTL', KEYS[4]), 0)
if reset > 0 then
  left = tonumber(redis.call('GET', KEYS[4]))
  if left < 1 then wait = math.max(wait, reset) end
end
if wait <= 0 and ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window + 1000)
  count = count + 1
  if reset > 0 then redis.call('DECR', KEYS[4]); left = left - 1 end
  if redis.call('DEL', KEYS[3]) == 1 then redis.call('SET', KEYS[2], '1', 'PX', ARGV[4]) end
  return {0, count, 0, left, reset, redis.call('ZCARD', KEYS[5])}
end
local step = math.max(1, math.ceil(count / 60))
local answer = {math.ceil(wait), count, pause, left, reset, redis.call('ZCARD', KEYS[5]), step}
for i = step - 1, count - 1, step do
  local at = redis.call('ZRANGE', KEYS[1], i, i, 'WITHSCORES')
  answer[#answer + 1] = math.ceil(at[2] + window - now)
end
return answer
`);

/** KEYS: calls. ARGV: ms of the window, then for each call its id and how many ms ago it left. */
export const RECORD = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'NX', now - ARGV[i + 1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] + 1000)
return 1
`);

/** KEYS: calls. ARGV: id. */
export const GIVE_BACK = inOrder(`return redis.call('ZREM', KEYS[1], ARGV[1])`);

/** KEYS: pause, probe. ARGV: ms, ms that a probe is remembered or 0. A longer pause stays. */
export const PAUSE = inOrder(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[2], '1', 'PX', ARGV[2]) end
return 1
`);

/** KEYS: platform. ARGV: left, ms until its window ends. Within one window of the platform's the lower count stays. */
export const LEARN = inOrder(`
local left, reset = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('GET', KEYS[1])
local remaining = redis.call('PTTL', KEYS[1])
if known and math.abs(remaining - reset) < 2000 then left = math.min(left, tonumber(known)) end
redis.call('SET', KEYS[1], left, 'PX', math.max(reset, 1))
return 1
`);
