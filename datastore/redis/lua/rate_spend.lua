-- KEYS: one rate. ARGV: points to spend, points per minute. Generic cell rate algorithm; the burst is all of a minute.
-- Returns whether the points are spent, the points left, and microseconds until enough are left, until all are restored.
local points, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local minute = 60000000
local each = minute / limit
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local after = full_at + points * each
local remaining = minute - (after - now)
if remaining < 0 then
  return { 0, math.floor((minute - (full_at - now)) / each), math.ceil(-remaining), math.ceil(full_at - now) }
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return { 1, math.floor(remaining / each), 0, math.ceil(after - now) }
