-- KEYS: counters of one subject. ARGV for each: its window in milliseconds, its limit, the number of acts, then how many
-- members follow, and these. Sliding windows: each act, or each distinct member, counts for a window from its time on.
-- A counter of acts is a LIST of their Unix milliseconds, newest first; one of members a ZSET by the time of their last act.
-- All are taken or none. Returns the instant that was noted, 0 for a refusal; the longest wait in milliseconds, and the
-- number of the key that demands it.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local counters, at = {}, 1
for place, key in ipairs(KEYS) do
  local counter = { key = key, window = tonumber(ARGV[at]), limit = tonumber(ARGV[at + 1]), acts = tonumber(ARGV[at + 2]) }
  local members = tonumber(ARGV[at + 3])
  counter.members = { unpack(ARGV, at + 4, at + 3 + members) }
  counters[place], at = counter, at + 4 + members
end

-- Milliseconds until the window has room for the acts; 0 if it has.
local function wait_for_acts(counter)
  if counter.acts > counter.limit then return counter.window end
  local hindering = redis.call('LINDEX', counter.key, counter.limit - counter.acts)
  return hindering and math.max(hindering + counter.window - now, 0) or 0
end

local function wait_for_members(counter)
  redis.call('ZREMRANGEBYSCORE', counter.key, '-inf', now - counter.window)
  local new = 0
  for _, member in ipairs(counter.members) do
    if not redis.call('ZSCORE', counter.key, member) then new = new + 1 end
  end
  if new > counter.limit then return counter.window end
  local surplus = redis.call('ZCARD', counter.key) + new - counter.limit
  if new == 0 or surplus <= 0 then return 0 end
  local hindering = redis.call('ZRANGE', counter.key, surplus - 1, surplus - 1, 'WITHSCORES')
  return math.max(hindering[2] + counter.window - now, 1)
end

local longest, strictest = 0, 0
for place, counter in ipairs(counters) do
  local wait = #counter.members > 0 and wait_for_members(counter) or wait_for_acts(counter)
  if wait > longest then longest, strictest = wait, place end
end
if longest > 0 then return { 0, longest, strictest } end

for _, counter in ipairs(counters) do
  for _, member in ipairs(counter.members) do redis.call('ZADD', counter.key, now, member) end
  if #counter.members == 0 then
    for _ = 1, counter.acts do redis.call('LPUSH', counter.key, now) end
    redis.call('LTRIM', counter.key, 0, counter.limit - 1)
  end
  redis.call('PEXPIRE', counter.key, counter.window)
end
return { now, 0, 0 }
