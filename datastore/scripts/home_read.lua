-- KEYS: a home timeline. ARGV: "older" or "newer", the id to start from ("" for the head), how many,
-- milliseconds the person counts as live, milliseconds the list lives.
-- Returns the ids (newest first, sentinel left out), the list's last element, epoch and place of the event log, and
-- whether the person is in the audiences of all whom they follow: all of one moment. Makes the person live.
local home, from, count = KEYS[1], ARGV[2], tonumber(ARGV[3])
local size = redis.call('LLEN', home)
local tail = size > 0 and redis.call('LINDEX', home, -1)

local epoch, place = revive(home, ARGV[4])

local ids = {}
if tail and tail ~= BUILDING then
  redis.call('PEXPIRE', home, ARGV[5])
  if tail == COMPLETE then size = size - 1 end
  local first = 0
  if from ~= '' then first = place_of(home, from, size) end
  if ARGV[1] == 'newer' then
    first, count = math.max(first - count, 0), math.min(first, count)
  elseif from ~= '' and redis.call('LINDEX', home, first) == from then
    first = first + 1
  end
  if count > 0 and first < size then
    ids = redis.call('LRANGE', home, first, math.min(first + count, size) - 1)
  end
end
return {ids, tail, epoch, place, redis.call('EXISTS', sibling(home, 'joined'))}
